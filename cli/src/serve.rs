//! The server: its configuration, and `invoke server`.
use crate::{
    arguments::{CommonOptions, QueueModeName, ServeSettings, ServerOptions},
    configuration::{self, ConfigurationFile},
    logging, stop,
};
use anyhow::{Context, bail};
use server::{session::token::KeyMaterial, state::Config};
use sqlx::PgPool;
use std::path::Path;
use store::files::{Bucket, ImageFiles};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const CONNECTIONS: u32 = 32;

/// `invoke server`: until a signal asks to stop.
pub(crate) async fn run(mut options: ServerOptions) -> anyhow::Result<()> {
    let stop = stop::on_signal()?;
    let root = configuration::root(&options.common)?;
    let file = ConfigurationFile::read(options.common.config.as_deref(), &root)?;
    file.complete_common(&mut options.common, &root);
    file.complete_serve(&mut options.serve, &root);
    logging::start(&options.common);
    let listener = listen(&options.serve).await?;
    let pool = connect_existing(&options.common, CONNECTIONS).await?;
    tokio::spawn(logging::follow(pool.clone(), stop.clone()));
    let files = image_files(&options.common, &root).await?;
    serve(config(&options.common, &options.serve, &root)?, pool, files, listener, stop).await
}

/// Connects to the database that was named and migrates it.
pub(crate) async fn connect_existing(options: &CommonOptions, connections: u32) -> anyhow::Result<PgPool> {
    let Some(url) = &options.database_url else {
        bail!("give the database by --database-url or INVOKEAI_DATABASE_URL");
    };
    let pool = store::database::connect(url, connections).await.context("cannot connect to the database")?;
    store::database::migrate(&pool).await.context("cannot migrate the database")?;
    Ok(pool)
}

/// Takes the address before anything else is started, so that a taken port is known at once.
pub(crate) async fn listen(settings: &ServeSettings) -> anyhow::Result<TcpListener> {
    let host = settings.host.as_deref().unwrap_or("127.0.0.1");
    let port = settings.port.unwrap_or(9090);
    TcpListener::bind((host, port)).await.with_context(|| format!("cannot listen on {host}:{port}"))
}

/// Where images are kept: in a bucket when one is named, which is tried, else in a directory.
pub(crate) async fn image_files(options: &CommonOptions, root: &Path) -> anyhow::Result<ImageFiles> {
    if let Some(name) = options.s3_bucket.as_deref().filter(|name| !name.is_empty()) {
        let bucket = Bucket {
            name: name.to_owned(),
            prefix: options.s3_prefix.clone(),
            endpoint: options.s3_endpoint.clone(),
            region: options.s3_region.clone(),
        };
        let files = ImageFiles::bucket(&bucket)?;
        files.check().await.with_context(|| format!("cannot keep images in the bucket {name}"))?;
        return Ok(files);
    }
    let directory = options.outputs_dir.clone().unwrap_or_else(|| root.join("outputs"));
    ImageFiles::local(&directory).with_context(|| format!("cannot keep images in {}", directory.display()))
}

fn signing_key(path: &Path) -> anyhow::Result<KeyMaterial> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    KeyMaterial::new(&text).with_context(|| {
        format!("the key in {} is shorter than {} characters", path.display(), KeyMaterial::SHORTEST)
    })
}

/// The server's settings, with the defaults of `server`.
pub(crate) fn config(
    common: &CommonOptions,
    settings: &ServeSettings,
    root: &Path,
) -> anyhow::Result<Config> {
    let default = Config::default();
    Ok(Config {
        multiuser: settings.multiuser.unwrap_or(default.multiuser),
        strict_password_checking: settings
            .strict_password_checking
            .unwrap_or(default.strict_password_checking),
        max_queue_size: settings.max_queue_size.map_or(default.max_queue_size, u64::from),
        session_queue_mode: common
            .session_queue_mode
            .unwrap_or(QueueModeName::RoundRobin)
            .as_str()
            .to_owned(),
        signing_key: settings.signing_key_file.as_deref().map(signing_key).transpose()?,
        behind_proxy: settings.behind_proxy.unwrap_or(default.behind_proxy),
        ui_dir: settings.ui_dir.clone(),
        models_dir: configuration::models_dir(common, root),
        host: settings.host.clone().unwrap_or(default.host),
        port: settings.port.unwrap_or(default.port),
    })
}

/// Serves until `stop` is cancelled and the last requests are answered.
pub(crate) async fn serve(
    config: Config,
    pool: PgPool,
    files: ImageFiles,
    listener: TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    server::serve(config, pool, files, worker::node_schemas(), listener, stop)
        .await
        .map_err(anyhow::Error::from_boxed)
}
