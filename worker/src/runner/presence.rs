//! Tells of the worker, so that scaling and people know who is there.
use std::sync::Arc;
use std::time::Duration;

use store::workers::{self, Presence};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::Worker;

const INTERVAL: Duration = Duration::from_secs(10);

/// Tells of `worker` until the task is aborted; once `stop` is cancelled, that it drains.
pub(super) async fn tell(worker: Arc<Worker>, stop: CancellationToken) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let presence = of(&worker);
    let mut drains = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled(), if !drains => drains = true,
        }
        if let Err(error) = workers::announce(&worker.pool, &presence, drains).await {
            tracing::debug!(%error, "the worker could not tell of itself");
        }
    }
}

/// The worker goes; when the database does not answer, its row is passed over after a while.
pub(super) async fn end(worker: &Worker) {
    if let Err(error) = workers::depart(&worker.pool, &worker.settings.worker_id).await {
        tracing::debug!(%error, "the worker could not sign off");
    }
}

fn of(worker: &Worker) -> Presence {
    Presence {
        worker_id: worker.settings.worker_id.clone(),
        pool: worker.settings.pool.clone(),
        device: worker.settings.provider.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
