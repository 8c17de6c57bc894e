//! Makes, starts and stops the private cluster.
use super::{leftover, owner::Owner, programs};
use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::{File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::process::{Child, Command};

/// Longest path that the address of a Unix socket holds, less the name of Postgres's socket file.
const LONGEST_SOCKET_DIRECTORY: usize = 107 - "/.s.PGSQL.5432.lock".len();
const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// A running private Postgres. Stop it with [`Cluster::stop`].
pub(crate) struct Cluster {
    server: Child,
    socket_directory: PathBuf,
}

impl Cluster {
    /// Starts the cluster in `root`, which the caller has locked; makes it at first.
    pub(crate) async fn start(root: &Path) -> anyhow::Result<Self> {
        let owner = Owner::choose()?;
        let data = root.join("postgres");
        let making = Making::new(root);
        let socket_directory = socket_directory(root);
        if making.was_cut_off() {
            leftover::discard(&data, &socket_directory).await?;
        }
        let made = data.join("PG_VERSION").exists();
        let version = match made {
            true => Some(std::fs::read_to_string(data.join("PG_VERSION"))?.trim().parse()?),
            false => None,
        };
        let programs = programs::find(version)?;
        for directory in [&data, &socket_directory] {
            make_private_directory(directory, owner.as_ref())?;
        }
        let synced = if made {
            leftover::stop(&programs, &data, &socket_directory, owner.as_ref()).await?;
            None
        } else {
            making.begin()?;
            if let Err(error) = make(&programs, &data, owner.as_ref()).await {
                // What it made it has removed. The mark would let the next start remove what was there before.
                making.end()?;
                return Err(error);
            }
            // While the server starts.
            Some(tokio::spawn(initdb(&programs, &data, owner.as_ref(), &["--sync-only"])))
        };

        let log_path = root.join("postgres.log");
        let log = File::create(&log_path).with_context(|| format!("cannot write {}", log_path.display()))?;
        let mut command = server(&programs, &data, &socket_directory, owner.as_ref());
        // A process group of its own: Ctrl-C on the terminal must not stop it before the rest has drained.
        command.process_group(0).kill_on_drop(true).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let server = command.spawn().context("cannot start postgres")?;
        let mut cluster = Self { server, socket_directory };
        match tokio::time::timeout(START_TIMEOUT, cluster.wait_until_ready(&data)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(error).with_context(|| format!("see {}", log_path.display())),
            Err(_) => bail!("Postgres did not start within a minute; see {}", log_path.display()),
        }
        if let Some(synced) = synced {
            synced.await??;
            making.end()?;
        }
        Ok(cluster)
    }

    /// The address for `store::database::connect`.
    pub(crate) fn url(&self) -> String {
        url(&self.socket_directory)
    }

    /// The address of the cluster that another process runs in `root`.
    pub(crate) fn url_in(root: &Path) -> String {
        url(&socket_directory(root))
    }

    /// Resolves when the server ends without being asked to.
    pub(crate) async fn ended(&mut self) -> anyhow::Error {
        match self.server.wait().await {
            Ok(status) => anyhow::anyhow!("Postgres ended by itself ({status})"),
            Err(error) => error.into(),
        }
    }

    /// Stops the server: sessions are closed, everything is on disk afterwards.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.server.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(id) = id {
            kill_process(id, Signal::INT).context("cannot stop Postgres")?;
        }
        match tokio::time::timeout(STOP_TIMEOUT, self.server.wait()).await {
            Ok(status) => match status? {
                status if status.success() => Ok(()),
                status => bail!("Postgres ended badly ({status})"),
            },
            Err(_) => bail!("Postgres did not stop within {} s", STOP_TIMEOUT.as_secs()),
        }
    }

    /// Postgres writes its state in the eighth line of its pid file.
    async fn wait_until_ready(&mut self, data: &Path) -> anyhow::Result<()> {
        loop {
            if let Some(status) = self.server.try_wait()? {
                bail!("Postgres did not start ({status})");
            }
            let state = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
            let mine = state.lines().next().and_then(|line| line.trim().parse().ok()) == self.server.id();
            if mine && state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

pub(super) fn command(programs: &Path, name: &str, owner: Option<&Owner>) -> Command {
    let mut command = Command::new(programs.join(name));
    // A directory that every account may be in; and messages that we can read.
    command.current_dir("/").env("LC_ALL", "C");
    if let Some(owner) = owner {
        owner.apply(&mut command);
    }
    command
}

/// The server of the cluster, not started yet.
fn server(programs: &Path, data: &Path, socket_directory: &Path, owner: Option<&Owner>) -> Command {
    let mut command = command(programs, "postgres", owner);
    command.arg("-D").arg(data).arg("-k").arg(socket_directory);
    // Nobody replicates this cluster; and its queries are too short for compiling them. The first connections are
    // the pools' of one studio, with room for workers beside it and for commands. Tables of a team's studio are
    // some tens of megabytes, which the system's cache holds too: more buffers would only cost memory at rest.
    // Nothing runs serializable transactions, which predicate locks are for.
    for setting in [
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "max_connections=100",
        "shared_buffers=32MB",
        "max_pred_locks_per_transaction=10",
        "wal_level=minimal",
        "max_wal_senders=0",
        "max_logical_replication_workers=0",
        "jit=off",
    ] {
        command.args(["-c", setting]);
    }
    command
}

/// A mark beside the cluster for as long as it is made, so that a cluster that was cut off in the making, by a kill or a
/// loss of power, is made again. Nobody has been given its address by then.
struct Making {
    root: PathBuf,
    mark: PathBuf,
}

impl Making {
    fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), mark: root.join("postgres.making") }
    }

    fn was_cut_off(&self) -> bool {
        self.mark.exists()
    }

    fn begin(&self) -> anyhow::Result<()> {
        File::create(&self.mark).with_context(|| format!("cannot write {}", self.mark.display()))?;
        self.sync()
    }

    fn end(&self) -> anyhow::Result<()> {
        std::fs::remove_file(&self.mark).with_context(|| format!("cannot remove {}", self.mark.display()))?;
        self.sync()
    }

    /// The mark must be on the disk before the cluster is, and off it before anything in the cluster counts.
    fn sync(&self) -> anyhow::Result<()> {
        let sync = || File::open(&self.root)?.sync_all();
        sync().with_context(|| format!("cannot write {} through to the disk", self.root.display()))
    }
}

async fn make(programs: &Path, data: &Path, owner: Option<&Owner>) -> anyhow::Result<()> {
    tracing::info!("making the database in {}", data.display());
    // Only who may enter the socket's directory reaches the server, so no password is needed.
    let options = [
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
        "--no-sync",
    ];
    initdb(programs, data, owner, &options).await
}

/// Runs `initdb`; a future that borrows nothing.
fn initdb(
    programs: &Path,
    data: &Path,
    owner: Option<&Owner>,
    options: &[&str],
) -> impl Future<Output = anyhow::Result<()>> + use<> {
    let mut command = command(programs, "initdb", owner);
    command.arg("-D").arg(data).args(options).stdin(Stdio::null());
    async move {
        let output = command.output().await.context("cannot run initdb")?;
        if !output.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }
}

/// Inside the root; where that path is too long for a socket, in the directory for temporary files.
fn socket_directory(root: &Path) -> PathBuf {
    let inside = root.join("run");
    if inside.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY {
        return inside;
    }
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    PathBuf::from(format!("/tmp/invoke-{}-{:016x}", rustix::process::geteuid().as_raw(), hasher.finish()))
}

fn make_private_directory(directory: &Path, owner: Option<&Owner>) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    if directory.symlink_metadata()?.is_symlink() {
        bail!("{} is a link, which is not followed here", directory.display());
    }
    if let Some(owner) = owner {
        owner.take(directory)?;
    }
    // This also fails when another account has made the directory before us.
    std::fs::set_permissions(directory, Permissions::from_mode(0o700))
        .with_context(|| format!("{} belongs to another account", directory.display()))
}

fn url(socket_directory: &Path) -> String {
    format!("postgres://postgres@localhost/postgres?host={}", percent_encoded(socket_directory))
}

/// A path as a value in a URL's query.
fn percent_encoded(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut encoded = String::new();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_directory_is_short_enough_for_a_socket() {
        assert_eq!(socket_directory(Path::new("/data")), Path::new("/data/run"));
        let long = socket_directory(&Path::new("/").join("x".repeat(120)));
        assert!(long.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY && long.starts_with("/tmp"));
    }

    #[test]
    fn paths_are_encoded_for_a_query() {
        assert_eq!(percent_encoded(Path::new("/a b/c&d")), "/a%20b/c%26d");
    }
}
