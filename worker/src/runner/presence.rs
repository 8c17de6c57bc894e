//! Tells of the worker and its cache, so that scaling and people know who is there.
use std::sync::Arc;
use std::time::{Duration, Instant};

use store::workers::{self, Presence};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::Worker;

/// How often it is told what did not change.
const REPEAT: Duration = Duration::from_secs(10);
/// How often is looked whether something did.
const LOOK: Duration = Duration::from_secs(5);

/// Tells of `worker`; once `stop` is cancelled, that it drains. With `ended` it signs off: should the database not
/// answer then, its row is passed over after a while.
pub(super) async fn tell(worker: Arc<Worker>, stop: CancellationToken, ended: CancellationToken) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told: Option<(Presence, Instant)> = None;
    // Never broken off while it tells: the database could write the row after it was removed.
    while !ended.is_cancelled() {
        let drains = stop.is_cancelled();
        let presence = of(&worker, drains);
        if told.as_ref().is_none_or(|(before, at)| *before != presence || at.elapsed() >= REPEAT) {
            match workers::announce(&worker.pool, &presence).await {
                Ok(()) => told = Some((presence, Instant::now())),
                Err(error) => tracing::debug!(%error, "the worker could not tell of itself"),
            }
        }
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled(), if !drains => {}
            () = ended.cancelled() => {}
        }
    }
    if let Err(error) = workers::depart(&worker.pool, &worker.settings.worker_id).await {
        tracing::debug!(%error, "the worker could not sign off");
    }
}

fn of(worker: &Worker, is_draining: bool) -> Presence {
    Presence {
        worker_id: worker.settings.worker_id.clone(),
        pool: worker.settings.pool.clone(),
        device: worker.settings.provider.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        is_draining,
        node_cache: worker.cache.numbers(),
    }
}
