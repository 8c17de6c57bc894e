//! The worker: its configuration, and `invoke worker`.
use crate::{
    arguments::{CommonOptions, PrecisionName, ProviderName, QueueModeName, WorkSettings, WorkerOptions},
    configuration::{self, ConfigurationFile},
    logging, serve, stop,
};
use anyhow::{Context, bail};
use axum::{Router, http::StatusCode, routing::get};
use sqlx::PgPool;
use std::{net::SocketAddr, path::PathBuf, time::Duration};
use store::{files::ImageFiles, queue::QueueMode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use worker::{
    inference::{Precision, Provider},
    runner::Settings,
};

const CONNECTIONS: u32 = 8;

/// `invoke worker`: until a signal asks to stop.
pub(crate) async fn run(mut options: WorkerOptions) -> anyhow::Result<()> {
    let stop = stop::on_signal()?;
    let root = configuration::root(&options.common)?;
    let file = ConfigurationFile::read(options.common.config.as_deref(), &root)?;
    file.complete_common(&mut options.common, &root);
    file.complete_work(&mut options.work);
    logging::start(&options.common);
    let config = config(&options.common, &options.work)?;
    let pool = serve::connect_existing(&options.common, CONNECTIONS).await?;
    let files = serve::image_files(&options.common, &root).await?;
    tokio::spawn(logging::follow(pool.clone(), stop.clone()));
    let telling = options.work.metrics_address.map(|address| tokio::spawn(tell(address, stop.clone())));
    work(config, pool, files, stop).await?;
    match telling {
        Some(telling) => telling.await?,
        None => Ok(()),
    }
}

/// Serves metrics and health; a taken address ends the worker.
async fn tell(address: SocketAddr, stop: CancellationToken) -> anyhow::Result<()> {
    let scrape = async || worker::metrics::render().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR);
    let router = Router::new()
        .route("/metrics", get(scrape))
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(async || "ok"));
    let told = match TcpListener::bind(address).await {
        Ok(listener) => {
            let stopped = stop.clone().cancelled_owned();
            axum::serve(listener, router).with_graceful_shutdown(stopped).await
        }
        Err(error) => Err(error),
    };
    if told.is_err() {
        stop.cancel();
    }
    told.with_context(|| format!("cannot serve metrics on {address}"))
}

/// The worker's settings, with the defaults of `worker`.
///
/// # Errors
/// When the execution provider or the precision cannot be had.
pub(crate) fn config(common: &CommonOptions, settings: &WorkSettings) -> anyhow::Result<Settings> {
    let default = Settings::default();
    let provider = match settings.execution_provider {
        Some(ProviderName::Cuda) => Provider::Cuda,
        Some(ProviderName::Cpu) | None => Provider::Cpu,
    };
    let precision = precision(settings.precision, provider)?;
    worker::inference::choose_provider(provider).with_context(|| format!("{provider} cannot be had"))?;
    Ok(Settings {
        worker_id: settings.worker_id.clone().unwrap_or(default.worker_id),
        pool: settings.worker_pool.clone().unwrap_or(default.pool),
        provider,
        precision,
        grace: settings.drain_seconds.map_or(default.grace, Duration::from_secs),
        mode: match common.session_queue_mode {
            Some(QueueModeName::Fifo) => QueueMode::Fifo,
            Some(QueueModeName::RoundRobin) | None => QueueMode::RoundRobin,
        },
        model_memory: settings.max_cache_ram_gb.map_or_else(half_of_the_memory, bytes_of_gib),
        node_cache_size: settings.node_cache_size.unwrap_or(default.node_cache_size),
        models_dir: configuration::root(common)
            .map_or(default.models_dir, |root| configuration::models_dir(common, &root)),
        ..Settings::default()
    })
}

/// As upstream chooses: half precision on GPUs, single on processors, unless something else is asked for.
fn precision(asked: Option<PrecisionName>, provider: Provider) -> anyhow::Result<Precision> {
    Ok(match (asked, provider) {
        (Some(PrecisionName::Float16), _) | (Some(PrecisionName::Auto) | None, Provider::Cuda) => {
            Precision::Float16
        }
        (Some(PrecisionName::Float32), _) | (Some(PrecisionName::Auto) | None, Provider::Cpu) => {
            Precision::Float32
        }
        (Some(PrecisionName::Bfloat16), _) => {
            bail!("models are not computed in bfloat16; set the precision to auto, float16 or float32")
        }
    })
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
