//! Logs on standard error: text on a terminal, JSON in a cluster. The level that an administrator chooses through the
//! API holds for all servers and workers within a few seconds.
use crate::arguments::CommonOptions;
use server::routes::app::LOG_LEVEL;
use sqlx::PgPool;
use std::{io::IsTerminal, sync::OnceLock, time::Duration};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{EnvFilter, prelude::*, reload};

/// Libraries that say too much at the level of the rest.
const QUIETER: &str = "sqlx=warn,ort=warn,hyper=warn,socketioxide=warn,engineioxide=warn";

/// How often the chosen level is read.
const LOOK: Duration = Duration::from_secs(5);

/// Changes the filter of this process.
static RELOAD: OnceLock<Box<dyn Fn(EnvFilter) + Send + Sync>> = OnceLock::new();

fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_new(format!("{level},{QUIETER}")).unwrap_or_else(|_| EnvFilter::new("info"))
}

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
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| filter(level));
    let (filter, handle) = reload::Layer::new(filter);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    if format == Some("json") {
        registry.with(lines.json().flatten_event(true)).init();
    } else {
        registry.with(lines.with_ansi(std::io::stderr().is_terminal()).with_target(false)).init();
    }
    let change = move |filter| {
        if let Err(error) = handle.reload(filter) {
            tracing::warn!(%error, "the level of logs could not be changed");
        }
    };
    // Only the first start counts; there is no second one.
    RELOAD.set(Box::new(change)).ok();
}

/// The name of one of Python's levels.
fn name(level: &str) -> Option<&'static str> {
    Some(match level {
        "0" | "10" => "debug",
        "20" => "info",
        "30" => "warn",
        "40" | "50" => "error",
        _ => return None,
    })
}

/// Follows the level that an administrator chose, until `stop`. `RUST_LOG` wins over it.
pub(crate) async fn follow(pool: PgPool, stop: CancellationToken) {
    if std::env::var_os("RUST_LOG").is_some() {
        return;
    }
    let mut known: Option<&'static str> = None;
    loop {
        let chosen = store::settings::get(&pool, LOG_LEVEL).await.ok().flatten();
        if let Some(level) = chosen.as_deref().and_then(name)
            && known.replace(level) != Some(level)
            && let Some(reload) = RELOAD.get()
        {
            reload(filter(level));
            tracing::info!(level, "logs have the level that an administrator chose");
        }
        if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
            return;
        }
    }
}
