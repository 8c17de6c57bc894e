//! `invoke up`: Postgres, server and worker in one process tree.
use crate::{
    arguments::UpOptions,
    bundled_model,
    configuration::{self, ConfigurationFile},
    data_directory::DataDirectory,
    logging,
    postgres::Cluster,
    serve, stop, work,
};
use anyhow::Context;
use sqlx::PgPool;
use std::path::Path;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Enough for the requests and the relay of events, and fewer than the private cluster allows.
const CONNECTIONS: u32 = 32;
/// One hears notices; one item at a time needs no more than two others.
const WORKER_CONNECTIONS: u32 = 3;

/// Runs until a signal asks to stop, or a part fails.
pub(crate) async fn run(mut options: UpOptions) -> anyhow::Result<()> {
    let stop = stop::on_signal()?;
    let root = configuration::root(&options.common)?;
    let file = ConfigurationFile::read(options.common.config.as_deref(), &root)?;
    file.complete_common(&mut options.common, &root);
    file.complete_serve(&mut options.serve, &root);
    file.complete_work(&mut options.work);
    let bundled = options.bundled_models_dir.clone().or_else(|| file.bundled_models_dir(&root));
    logging::start(&options.common);
    let directory = DataDirectory::open(&root)?;
    let listener = serve::listen(&options.serve).await?;

    let mut cluster = match &options.common.database_url {
        Some(_) => None,
        None => Some(Cluster::start(directory.root()).await?),
    };
    let url = match (&options.common.database_url, &cluster) {
        (Some(url), _) => url.clone(),
        (None, Some(cluster)) => cluster.url(),
        (None, None) => unreachable!("a cluster was started when no URL was given"),
    };
    let result = run_on(&url, &options, bundled.as_deref(), &root, listener, cluster.as_mut(), stop).await;
    // Also after an error, so that the database is never left running or cut off.
    let stopped = match cluster {
        Some(cluster) => cluster.stop().await,
        None => Ok(()),
    };
    // The first error is the cause.
    let result = result.and(stopped);
    if result.is_ok() {
        tracing::info!("stopped");
    }
    result
}

/// Everything but Postgres; ends when all of it has drained.
async fn run_on(
    url: &str,
    options: &UpOptions,
    bundled: Option<&Path>,
    root: &Path,
    listener: tokio::net::TcpListener,
    cluster: Option<&mut Cluster>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let pool = store::database::connect(url, CONNECTIONS).await.context("cannot connect to the database")?;
    store::database::migrate(&pool).await.context("cannot migrate the database")?;
    let address = listener.local_addr()?;
    let files = serve::image_files(&options.common, root).await?;
    bundled_model::register(&pool, Some(&files), bundled).await?;

    let config = serve::config(&options.common, &options.serve, root)?;
    let server =
        spawn(serve::serve(config, pool.clone(), files.clone(), listener, stop.clone()), "server", &stop);
    let worker_config = work::config(&options.common, &options.work)?;
    // Of its own, since a worker asks all the time and would keep the server's connections open.
    let worker_pool = store::database::connect_steady(url, WORKER_CONNECTIONS)
        .await
        .context("cannot connect to the database")?;
    tokio::spawn(logging::follow(worker_pool.clone(), stop.clone()));
    let worker = spawn(work::work(worker_config, worker_pool.clone(), files, stop.clone()), "worker", &stop);
    announce(&pool, options, address).await?;

    let database_lost = match cluster {
        Some(cluster) => tokio::select! {
            error = cluster.ended() => Some(error),
            () = stop.cancelled() => None,
        },
        None => {
            stop.cancelled().await;
            None
        }
    };
    if let Some(error) = database_lost {
        stop.cancel();
        return Err(error);
    }
    let (server, worker) = tokio::join!(server, worker);
    tokio::join!(pool.close(), worker_pool.close());
    server?.and(worker?)
}

/// Runs a part; when it ends by itself, the others are to stop too.
fn spawn(
    part: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    name: &'static str,
    stop: &CancellationToken,
) -> JoinHandle<anyhow::Result<()>> {
    let stop = stop.clone();
    tokio::spawn(async move {
        let result = part.await.with_context(|| format!("the {name} failed"));
        if let Err(error) = &result {
            tracing::error!("{error:#}");
        }
        stop.cancel();
        result
    })
}

/// Tells the person at the terminal where to go, once it answers.
async fn announce(pool: &PgPool, options: &UpOptions, address: std::net::SocketAddr) -> anyhow::Result<()> {
    let host = match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        ip if ip.is_ipv6() => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    println!("\n  InvokeAI studio:  http://{host}:{}\n", address.port());
    if options.serve.multiuser.unwrap_or(true) && !store::accounts::has_administrator(pool).await? {
        println!("  This is its first run: open the page to set up the administrator.\n");
    }
    Ok(())
}
