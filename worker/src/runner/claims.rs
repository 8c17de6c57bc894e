//! The loop that takes items.
use std::sync::Arc;
use std::time::Duration;

use store::queue;
use tokio::time::{interval, sleep};
use tokio_util::sync::CancellationToken;

use super::{Worker, cache_control, item, notices::Notices};

const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

/// Takes items one after the other until `stop`.
pub(super) async fn take_items(worker: Arc<Worker>, stop: CancellationToken) {
    let notices = Arc::new(Notices::default());
    let listener = tokio::spawn(notices.clone().listen(worker.pool.clone(), stop.clone()));
    let reaper = tokio::spawn(reap(worker.clone(), stop.clone()));
    let caches = tokio::spawn(cache_control::follow(worker.clone(), notices.clone(), stop.clone()));
    while !stop.is_cancelled() {
        let settings = &worker.settings;
        match queue::claim_next(&worker.pool, &settings.worker_id, settings.mode, settings.lease).await {
            Ok(Some(claimed)) => item::run(&worker, &notices, Arc::new(claimed), &stop).await,
            Ok(None) => wait(&notices, settings.poll, &stop).await,
            Err(error) => {
                tracing::warn!(%error, "the queue does not answer; trying again");
                wait(&notices, AFTER_A_FAILURE, &stop).await;
            }
        }
    }
    for task in [listener, reaper, caches] {
        // All end with `stop`; a task that panicked has said so already.
        task.await.ok();
    }
}

async fn wait(notices: &Notices, poll: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = notices.woken() => {}
        () = sleep(poll) => {}
        () = stop.cancelled() => {}
    }
}

/// Gives the items of workers that went silent back to the queue. Any worker does it for all.
async fn reap(worker: Arc<Worker>, stop: CancellationToken) {
    let mut ticks = interval(worker.settings.lease / 3);
    // After an outage of the database every lease is old: workers get one round to renew theirs.
    let mut answered = false;
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let reaped = match answered {
            true => queue::reap_expired(&worker.pool).await,
            false => queue::is_paused(&worker.pool).await.map(|_| 0),
        };
        answered = reaped.is_ok();
        match reaped {
            Ok(0) => {}
            Ok(count) => tracing::warn!(count, "items of lost workers are back in the queue"),
            Err(error) => tracing::debug!(%error, "cannot look for items of lost workers"),
        }
    }
}
