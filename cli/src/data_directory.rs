//! The root directory of `invoke up` and its lock.
use anyhow::{Context, bail};
use rustix::fs::FlockOperation;
use std::{
    fs::{File, OpenOptions, Permissions},
    io::{Read, Seek, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// A root directory that this process alone uses, as long as the value lives.
pub(crate) struct DataDirectory {
    root: PathBuf,
    _lock: File,
}

impl DataDirectory {
    /// Makes `root` when it is missing and locks it; an error when another process has it.
    pub(crate) fn open(root: &Path) -> anyhow::Result<Self> {
        if !root.exists() {
            std::fs::create_dir_all(root).with_context(|| format!("cannot make {}", root.display()))?;
            // Others may pass through, so that the account of Postgres reaches its own directory, but not list.
            std::fs::set_permissions(root, Permissions::from_mode(0o711))?;
        }
        let path = root.join("invoke.lock");
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        if rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            lock.read_to_string(&mut holder).ok();
            bail!(
                "{} is in use by another `invoke up` (process {}); stop it first, or give another --root",
                root.display(),
                if holder.trim().is_empty() { "unknown" } else { holder.trim() }
            );
        }
        lock.set_len(0)?;
        lock.rewind()?;
        write!(lock, "{}", std::process::id())?;
        Ok(Self { root: root.to_owned(), _lock: lock })
    }

    /// Whether another process holds the lock of `root` now.
    pub(crate) fn is_in_use(root: &Path) -> bool {
        File::open(root.join("invoke.lock"))
            .is_ok_and(|lock| rustix::fs::flock(&lock, FlockOperation::NonBlockingLockShared).is_err())
    }

    /// The directory itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_at_once_are_refused_and_one_after_another_is_not() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let first = DataDirectory::open(root.path())?;
        let refusal = DataDirectory::open(root.path()).err().map(|error| error.to_string());
        assert!(refusal.is_some_and(|text| text.contains(&std::process::id().to_string())));
        drop(first);
        DataDirectory::open(root.path())?;
        Ok(())
    }
}
