//! The account that Postgres runs as: it refuses to run as root.
use anyhow::{Context, bail};
use std::{
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::Path,
};
use tokio::process::Command;

/// An unprivileged account in root's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    name: String,
    user_id: u32,
    group_id: u32,
}

impl Owner {
    /// `None` when this process is not root's and Postgres can run as it is.
    pub(super) fn choose() -> anyhow::Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let accounts = std::fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        match ["postgres", "nobody"].iter().find_map(|name| Self::parse_from_passwd(&accounts, name)) {
            Some(owner) => Ok(Some(owner)),
            None => bail!("Postgres cannot run as root, and there is neither an account postgres nor nobody"),
        }
    }

    fn parse_from_passwd(accounts: &str, name: &str) -> Option<Self> {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        let user_id = fields.next()?.parse().ok()?;
        let group_id = fields.next()?.parse().ok()?;
        Some(Self { name: name.to_owned(), user_id, group_id })
    }

    /// Lets `command` run as this account.
    pub(super) fn apply(&self, command: &mut Command) {
        command.uid(self.user_id).gid(self.group_id).env("HOME", "/");
    }

    /// Gives `directory` itself to this account; an error when the account cannot get there.
    pub(super) fn take(&self, directory: &Path) -> anyhow::Result<()> {
        for parent in directory.ancestors().skip(1) {
            let metadata = std::fs::metadata(parent)?;
            let bit = if metadata.uid() == self.user_id {
                0o100
            } else if metadata.gid() == self.group_id {
                0o010
            } else {
                0o001
            };
            if metadata.permissions().mode() & bit == 0 {
                bail!(
                    "Postgres cannot run as root, and the account {} it runs as instead cannot enter {}; \
                     give a --root elsewhere, or run `invoke up` as an ordinary user",
                    self.name,
                    parent.display()
                );
            }
        }
        chown(directory, Some(self.user_id), Some(self.group_id))
            .with_context(|| format!("cannot give {} to {}", directory.display(), self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts =
            "postgresql:x:1:2::/:/bin/sh\npostgres:x:103:110:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";
        let expected = Owner { name: "postgres".to_owned(), user_id: 103, group_id: 110 };
        assert_eq!(Owner::parse_from_passwd(accounts, "postgres"), Some(expected));
        assert_eq!(Owner::parse_from_passwd(accounts, "post"), None);
    }
}
