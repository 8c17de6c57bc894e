//! Logs on standard error: text on a terminal, JSON in a cluster.
use crate::arguments::CommonOptions;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging as `options` say; `RUST_LOG` wins over the level.
pub(crate) fn start(options: &CommonOptions) {
    begin(options.log_level.as_deref(), options.log_format.as_deref());
}

/// The same, with upstream's name of a level, and `json` or another format.
pub(crate) fn begin(level: Option<&str>, format: Option<&str>) {
    let level = match level {
        Some("warning") => "warn",
        Some("critical") => "error",
        Some(level) => level,
        None => "info",
    };
    let filter = EnvFilter::try_from_default_env()
        .or_else(|_| {
            EnvFilter::try_new(format!(
                "{level},sqlx=warn,ort=warn,hyper=warn,socketioxide=warn,engineioxide=warn"
            ))
        })
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if format == Some("json") {
        builder.json().flatten_event(true).init();
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).init();
    }
}
