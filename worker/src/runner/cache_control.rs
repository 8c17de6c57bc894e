//! What administrators ask of this worker's caches.
use std::sync::Arc;
use std::time::Duration;

use store::caches::{self, CacheControl};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Worker, notices::Notices};

/// How often the wishes are read when no notice comes.
const POLL: Duration = Duration::from_secs(5);

/// Does what is asked until `stop`.
pub(super) async fn follow(worker: Arc<Worker>, notices: Arc<Notices>, stop: CancellationToken) {
    let mut known = None;
    while !stop.is_cancelled() {
        match caches::control(&worker.pool).await {
            Ok(control) => obey(&worker, &mut known, control),
            Err(error) => tracing::debug!(%error, "cannot read what is asked of caches"),
        }
        tokio::select! {
            () = notices.caches_asked() => {}
            () = sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Empties caches when that was asked since the last look. A worker that starts has empty ones.
fn obey(worker: &Worker, known: &mut Option<CacheControl>, control: CacheControl) {
    let before = known.replace(control).unwrap_or(control);
    worker.cache.set_enabled(control.node_cache_enabled);
    if control.node_cache_cleared != before.node_cache_cleared {
        worker.cache.clear();
        tracing::info!("the cache of node outputs is emptied");
    }
    if control.model_cache_cleared != before.model_cache_cleared {
        let bytes = worker.models.bytes();
        worker.models.clear();
        tracing::info!(bytes, "loaded models are dropped");
    }
}
