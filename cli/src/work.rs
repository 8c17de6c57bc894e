//! The worker: its configuration, and `invoke worker`.
use crate::{
    arguments::{CommonOptions, QueueModeName, WorkSettings, WorkerOptions},
    configuration::{self, ConfigurationFile},
    logging, serve, stop,
};
use sqlx::PgPool;
use std::path::PathBuf;
use store::{files::ImageFiles, queue::QueueMode};
use tokio_util::sync::CancellationToken;
use worker::runner::Settings;

const CONNECTIONS: u32 = 8;

/// `invoke worker`: until a signal asks to stop.
pub(crate) async fn run(mut options: WorkerOptions) -> anyhow::Result<()> {
    let root = configuration::root(&options.common)?;
    let file = ConfigurationFile::read(options.common.config.as_deref(), &root)?;
    file.complete_common(&mut options.common, &root);
    file.complete_work(&mut options.work);
    logging::start(&options.common);
    let stop = stop::on_signal()?;
    let pool = serve::connect_existing(&options.common, CONNECTIONS).await?;
    let files = serve::image_files(&options.common, &root)?;
    work(config(&options.common, &options.work), pool, files, stop).await
}

/// The worker's settings, with the defaults of `worker`.
pub(crate) fn config(common: &CommonOptions, settings: &WorkSettings) -> Settings {
    let default = Settings::default();
    Settings {
        mode: match common.session_queue_mode {
            Some(QueueModeName::Fifo) => QueueMode::Fifo,
            Some(QueueModeName::RoundRobin) | None => QueueMode::RoundRobin,
        },
        model_memory: settings.max_cache_ram_gb.map_or_else(half_of_the_memory, bytes_of_gib),
        node_cache_size: settings.node_cache_size.unwrap_or(default.node_cache_size),
        models_dir: configuration::root(common).map_or(default.models_dir, |root| root.join("models")),
        ..Settings::default()
    }
}

/// Works until `stop` is cancelled and the running item has ended or is handed back.
pub(crate) async fn work(
    config: Settings,
    pool: PgPool,
    files: ImageFiles,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    worker::runner::run(config, pool, files, stop).await;
    Ok(())
}

fn bytes_of_gib(size: f64) -> u64 {
    const GIB: f64 = (1u64 << 30) as f64;
    (size.max(0.0) * GIB) as u64
}

/// Half of what the machine, or the container, has.
fn half_of_the_memory() -> u64 {
    const UNKNOWN: u64 = 8 << 30;
    let read = |path: &str| std::fs::read_to_string(PathBuf::from(path)).ok();
    let machine = read("/proc/meminfo").and_then(|text| {
        let kibibytes = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        Some(kibibytes.trim().trim_end_matches(" kB").parse::<u64>().ok()? << 10)
    });
    let container = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse::<u64>().ok());
    [machine, container].into_iter().flatten().min().unwrap_or(UNKNOWN) / 2
}
