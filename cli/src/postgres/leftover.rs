//! What an `invoke up` that was killed left behind: a server that still runs, or only its pid file.
use super::{cluster::command, owner::Owner};
use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path, process::Stdio, time::Duration};

const PATIENCE: Duration = Duration::from_secs(30);

/// Stops the server that outlived its studio, if there is one. The caller holds the lock of the root, so nobody uses
/// it. The number in a stale pid file may have become any other process's, so it is believed only of a process whose
/// working directory is the cluster, as that of every process of Postgres is.
///
/// The lock of the socket goes with the pid file: Postgres would take a zombie of its former self for a rival.
pub(super) async fn stop(
    programs: &Path,
    data: &Path,
    socket_directory: &Path,
    owner: Option<&Owner>,
) -> anyhow::Result<()> {
    let pid_file = data.join("postmaster.pid");
    let Ok(text) = std::fs::read_to_string(&pid_file) else { return Ok(()) };
    tracing::warn!("the database had not been stopped properly; it recovers now");
    let postmaster: Option<u32> = text.lines().next().and_then(|line| line.trim().parse().ok());
    let Some(running) = processes_in(data) else {
        // No /proc on this system: leave the judgement to Postgres.
        return stop_server(programs, data, owner).await;
    };
    if postmaster.is_some_and(|id| running.contains(&id)) {
        stop_server(programs, data, owner).await?;
    }
    // Sessions end by themselves when their server is gone; starting before they have would harm the data.
    wait_until_left(data).await?;
    remove_locks(data, socket_directory)
}

fn remove_locks(data: &Path, socket_directory: &Path) -> anyhow::Result<()> {
    for file in [data.join("postmaster.pid"), socket_directory.join(".s.PGSQL.5432.lock")] {
        removed(std::fs::remove_file(&file), &file)?;
    }
    Ok(())
}

/// What was not there need not be removed.
fn removed(result: std::io::Result<()>, path: &Path) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result.with_context(|| format!("cannot remove {}", path.display())),
    }
}

/// Removes a cluster that was cut off in the making, after whatever still works on it: a server that was started before
/// the cluster was on the disk, or an `initdb` whose parent was killed. Left alone, that one would fail and then remove
/// what is in its directory, whoever made it.
pub(super) async fn discard(data: &Path, socket_directory: &Path) -> anyhow::Result<()> {
    tracing::warn!("the database had not been made to the end; it is made again");
    for process in processes_in(data).unwrap_or_default() {
        let id = i32::try_from(process).ok().and_then(Pid::from_raw);
        // One that has ended meanwhile is as good.
        _ = id.map(|id| kill_process(id, Signal::KILL));
    }
    wait_until_left(data).await?;
    remove_locks(data, socket_directory)?;
    removed(std::fs::remove_dir_all(data), data)
}

async fn wait_until_left(data: &Path) -> anyhow::Result<()> {
    let start = tokio::time::Instant::now();
    while processes_in(data).is_some_and(|left| !left.is_empty()) {
        if start.elapsed() > PATIENCE {
            bail!("processes of an earlier Postgres still work in {}", data.display());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn stop_server(programs: &Path, data: &Path, owner: Option<&Owner>) -> anyhow::Result<()> {
    command(programs, "pg_ctl", owner)
        .args(["stop", "--wait", "--mode=fast", "--silent", "-D"])
        .arg(data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await
        .context("cannot run pg_ctl")?;
    Ok(())
}

/// The processes whose working directory is `data`, and each `initdb` that makes it; `None` where the system does not
/// tell.
fn processes_in(data: &Path) -> Option<Vec<u32>> {
    let given = data;
    let data = data.canonicalize().ok()?;
    std::fs::read_link("/proc/self/cwd").ok()?;
    let processes = std::fs::read_dir("/proc").ok()?;
    let found = processes.flatten().filter_map(|process| {
        let id = process.file_name().to_str()?.parse().ok()?;
        let within = std::fs::read_link(process.path().join("cwd")).is_ok_and(|directory| directory == data);
        (within || initializes(&process.path(), &[given, &data])).then_some(id)
    });
    Some(found.collect())
}

/// Whether a process is an `initdb` of one of these directories, which it does not go to itself.
fn initializes(process: &Path, names: &[&Path]) -> bool {
    let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
    let mut arguments = line.split(|byte| *byte == 0).map(|argument| Path::new(OsStr::from_bytes(argument)));
    let program = arguments.next().and_then(Path::file_name);
    program.is_some_and(|name| name == "initdb") && arguments.any(|argument| names.contains(&argument))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::{CommandExt, ExitStatusExt};

    #[test]
    fn a_process_is_found_by_its_working_directory() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        assert_eq!(processes_in(directory.path()), Some(Vec::new()));
        let mut child =
            std::process::Command::new("sleep").arg("60").current_dir(directory.path()).spawn()?;
        let found = processes_in(directory.path());
        child.kill()?;
        child.wait()?;
        assert_eq!(found, Some(vec![child.id()]));
        Ok(())
    }

    #[tokio::test]
    async fn what_was_cut_off_is_removed_and_whatever_makes_it_ends_first() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let data = directory.path().join("postgres");
        std::fs::create_dir(&data)?;
        std::fs::write(data.join("PG_VERSION"), "15\n")?;
        let mut making = std::process::Command::new("sh")
            .arg0("initdb")
            .args(["-c", "sleep 60; true", "-D"])
            .arg(&data)
            .process_group(0)
            .spawn()?;
        // Its end is only seen when somebody asks for it.
        let waiting = std::thread::spawn(move || making.wait());
        discard(&data, directory.path()).await?;
        assert!(!data.exists());
        assert_eq!(waiting.join().unwrap()?.signal(), Some(9));
        discard(&data, directory.path()).await
    }

    #[tokio::test]
    async fn a_pid_file_that_names_another_process_is_removed_and_the_process_left_alone()
    -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let mut other = std::process::Command::new("sleep").arg("60").spawn()?;
        std::fs::write(directory.path().join("postmaster.pid"), format!("{}\n", other.id()))?;
        std::fs::write(directory.path().join(".s.PGSQL.5432.lock"), "1\n")?;
        stop(Path::new("/nowhere"), directory.path(), directory.path(), None).await?;
        for file in ["postmaster.pid", ".s.PGSQL.5432.lock"] {
            assert!(!directory.path().join(file).exists());
        }
        assert!(other.try_wait()?.is_none(), "it still runs");
        other.kill()?;
        other.wait()?;
        Ok(())
    }
}
