//! Where PostgreSQL's programs are.
use anyhow::bail;
use std::path::{Path, PathBuf};

/// The directory with `postgres` and `initdb`. A cluster belongs to one major version, which `wanted` names.
pub(super) fn find(wanted: Option<u32>) -> anyhow::Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = debian_directories();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let fits = |version: u32| wanted.is_none_or(|wanted| wanted == version);
    if let Some((_, directory)) = found.iter().find(|(version, _)| fits(*version)) {
        return Ok(directory.clone());
    }
    let on_path = std::env::var_os("PATH")
        .iter()
        .flat_map(std::env::split_paths)
        .find(|directory| has_programs(directory));
    match (on_path, wanted) {
        (Some(directory), _) => Ok(directory),
        (None, Some(version)) => {
            bail!("the database needs the programs of PostgreSQL {version}, which are not installed")
        }
        (None, None) => bail!(
            "no PostgreSQL server is installed (Debian: apt-get install postgresql); or give --database-url"
        ),
    }
}

/// Debian keeps each major version apart, outside PATH.
fn debian_directories() -> Vec<(u32, PathBuf)> {
    let Ok(entries) = std::fs::read_dir("/usr/lib/postgresql") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let directory = entry.path().join("bin");
            has_programs(&directory).then_some((version, directory))
        })
        .collect()
}

fn has_programs(directory: &Path) -> bool {
    directory.join("postgres").is_file() && directory.join("initdb").is_file()
}
