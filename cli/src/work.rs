//! The worker: its configuration, and `invoke worker`.
use crate::{
    arguments::{CommonOptions, QueueModeName, WorkSettings, WorkerOptions},
    configuration::{self, ConfigurationFile},
    logging, serve, stop,
};

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
