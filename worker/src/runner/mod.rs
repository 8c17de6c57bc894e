//! Claims items, runs them, and keeps the queue informed.
//!
//! - [`settings`]: what a worker is told at its start
//! - [`claims`]: the loop that takes items; [`notices`]: what wakes it, and cancels
//! - [`lease`]: the heartbeat of a running item
//! - [`item`]: one item from claim to end; [`session`]: its nodes, on a thread of their own
//! - [`surroundings`]: images and models as the item's owner may use them
//! - [`outage`]: waiting for a database that is away
//! - [`presence`]: tells of the worker
//! - [`reports`]: events and progress on their way to the database
//! - [`cache`]: outputs of nodes that are kept for the next session; [`cache_control`]: what administrators ask of it
mod cache;
mod cache_control;
mod claims;
mod item;
mod lease;
mod notices;
mod outage;
mod presence;
mod reports;
mod session;
mod settings;
mod surroundings;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use sqlx::PgPool;
use store::files::ImageFiles;
use tokio_util::sync::CancellationToken;

pub use settings::Settings;

use crate::inference::ModelManager;
use cache::InvocationCache;

/// What all items of a worker share.
pub(crate) struct Worker {
    pub(crate) settings: Settings,
    pub(crate) pool: PgPool,
    pub(crate) files: ImageFiles,
    pub(crate) models: Arc<ModelManager>,
    pub(crate) cache: InvocationCache,
}

/// Works until `stop` is cancelled and the last item has ended or is handed back. Survives outages of the database.
pub async fn run(settings: Settings, pool: PgPool, files: ImageFiles, stop: CancellationToken) {
    let models = Arc::new(ModelManager::new(settings.model_memory).in_precision(settings.precision));
    let cache = InvocationCache::new(settings.node_cache_size);
    let worker = Arc::new(Worker { settings, pool, files, models, cache });
    let ended = CancellationToken::new();
    let presence = tokio::spawn(presence::tell(worker.clone(), stop.clone(), ended.clone()));
    claims::take_items(worker, stop).await;
    ended.cancel();
    // A task that panicked has said so already.
    presence.await.ok();
}
