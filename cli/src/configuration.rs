//! `invokeai.yaml` with upstream's keys. A flag wins over a variable, a variable over the file.
use crate::arguments::{
    CommonOptions, PrecisionName, ProviderName, QueueModeName, ServeSettings, WorkSettings,
};
use anyhow::Context;
use serde::Deserialize;
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// The keys of `invokeai.yaml` that this service knows; all others are ignored, as upstream's files have many.
#[derive(Debug, Default, PartialEq, Deserialize)]
pub(crate) struct ConfigurationFile {
    host: Option<String>,
    port: Option<u16>,
    multiuser: Option<bool>,
    strict_password_checking: Option<bool>,
    session_queue_mode: Option<QueueModeName>,
    max_queue_size: Option<u32>,
    behind_proxy: Option<bool>,
    max_cache_ram_gb: Option<f64>,
    node_cache_size: Option<usize>,
    execution_provider: Option<ProviderName>,
    precision: Option<PrecisionName>,
    outputs_dir: Option<PathBuf>,
    models_dir: Option<PathBuf>,
    log_level: Option<String>,
    log_format: Option<String>,
    database_url: Option<String>,
    ui_dir: Option<PathBuf>,
    bundled_models_dir: Option<PathBuf>,
}

impl ConfigurationFile {
    /// Reads `path`, or `invokeai.yaml` in `root`; only a file that was named has to exist.
    pub(crate) fn read(named: Option<&Path>, root: &Path) -> anyhow::Result<Self> {
        let path = named.map_or_else(|| root.join("invokeai.yaml"), Path::to_owned);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => {
                return Ok(Self::default());
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Self::parse(&text).with_context(|| format!("{} is not a valid configuration", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        // A file of comments only is null, which is no mapping.
        Ok(serde_yaml_ng::from_str::<Option<Self>>(text)?.unwrap_or_default())
    }

    /// Fills in what neither a flag nor a variable gave. Relative paths in the file start at `root`.
    pub(crate) fn complete_common(&self, options: &mut CommonOptions, root: &Path) {
        fill(&mut options.database_url, self.database_url.clone());
        fill(&mut options.outputs_dir, self.outputs_dir.as_ref().map(|path| root.join(path)));
        fill(&mut options.models_dir, self.models_dir.as_ref().map(|path| root.join(path)));
        fill(&mut options.session_queue_mode, self.session_queue_mode);
        fill(&mut options.log_level, self.log_level.clone());
        fill(&mut options.log_format, self.log_format.clone());
    }

    /// The same for the server's settings.
    pub(crate) fn complete_serve(&self, settings: &mut ServeSettings, root: &Path) {
        fill(&mut settings.host, self.host.clone());
        fill(&mut settings.port, self.port);
        fill(&mut settings.multiuser, self.multiuser);
        fill(&mut settings.strict_password_checking, self.strict_password_checking);
        fill(&mut settings.max_queue_size, self.max_queue_size);
        fill(&mut settings.behind_proxy, self.behind_proxy);
        fill(&mut settings.ui_dir, self.ui_dir.as_ref().map(|path| root.join(path)));
    }

    /// The same for the worker's settings.
    pub(crate) fn complete_work(&self, settings: &mut WorkSettings) {
        fill(&mut settings.max_cache_ram_gb, self.max_cache_ram_gb);
        fill(&mut settings.node_cache_size, self.node_cache_size);
        fill(&mut settings.execution_provider, self.execution_provider);
        fill(&mut settings.precision, self.precision);
    }

    /// The directory of bundled models.
    pub(crate) fn bundled_models_dir(&self, root: &Path) -> Option<PathBuf> {
        self.bundled_models_dir.as_ref().map(|path| root.join(path))
    }
}

fn fill<T>(given: &mut Option<T>, otherwise: Option<T>) {
    if given.is_none() {
        *given = otherwise;
    }
}

/// The directory of models of a studio in `root`.
pub(crate) fn models_dir(options: &CommonOptions, root: &Path) -> PathBuf {
    options.models_dir.clone().unwrap_or_else(|| root.join("models"))
}

/// The root that was given, or where it is by default, as an absolute path.
pub(crate) fn root(options: &CommonOptions) -> anyhow::Result<PathBuf> {
    let root = match &options.root {
        Some(root) => root.clone(),
        // The private Postgres of root runs as another account, which cannot enter /root.
        None if rustix::process::geteuid().is_root() => PathBuf::from("/var/lib/invokeai"),
        None => std::env::home_dir().context("HOME is not set; give --root")?.join("invokeai"),
    };
    std::path::absolute(&root).with_context(|| format!("{} is no usable path", root.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_variables_win_over_the_file() -> anyhow::Result<()> {
        let file =
            ConfigurationFile::parse("port: 1\nhost: 0.0.0.0\nsession_queue_mode: FIFO\nunknown: 3\n")?;
        let mut settings = ServeSettings { port: Some(2), ..ServeSettings::default() };
        file.complete_serve(&mut settings, Path::new("/root-of-data"));
        assert_eq!((settings.port, settings.host.as_deref()), (Some(2), Some("0.0.0.0")));
        Ok(())
    }

    #[test]
    fn a_file_of_comments_only_is_empty() -> anyhow::Result<()> {
        assert_eq!(ConfigurationFile::parse("# nothing\n")?, ConfigurationFile::default());
        Ok(())
    }

    #[test]
    fn a_wrong_value_is_an_error() {
        assert!(ConfigurationFile::parse("port: ninety").is_err());
    }
}
