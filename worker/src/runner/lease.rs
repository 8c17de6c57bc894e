//! The heartbeat of a running item.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use store::queue::{self, ClaimedItem, Heartbeat};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::Worker;

/// Heartbeats a lease.
const BEATS: u32 = 10;

/// Whether an item is still the worker's.
#[derive(Debug, Clone, Default)]
pub(super) struct Lease {
    /// Cancelled when the item's nodes are to stop, for whatever reason.
    pub(super) stopped: CancellationToken,
    lost: Arc<AtomicBool>,
}

impl Lease {
    /// The item belongs to somebody else: nothing of it may be written any more.
    pub(super) fn lose(&self) {
        self.lost.store(true, Ordering::Relaxed);
        self.stopped.cancel();
    }

    /// Whether the item belongs to somebody else.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Keeps the lease until the task is aborted. While the database does not answer it goes on trying: an item
    /// whose lease ran out is still ours as long as nobody took it.
    pub(super) async fn keep(self, worker: Arc<Worker>, item: Arc<ClaimedItem>) {
        let mut ticks = interval(worker.settings.lease / BEATS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match queue::heartbeat(&worker.pool, item.item_id, item.fence, worker.settings.lease).await {
                Ok(Heartbeat::Continue) => {}
                Ok(Heartbeat::Canceled) => self.stopped.cancel(),
                Ok(Heartbeat::LeaseLost) => return self.lose(),
                Err(error) => tracing::warn!(item_id = item.item_id, %error, "no heartbeat"),
            }
            if let Err(error) = stop_for_revoked_owner(&worker, &item).await {
                tracing::debug!(item_id = item.item_id, %error, "cannot look up the owner");
            }
        }
    }
}

/// Nothing runs on behalf of an account that was deactivated or deleted.
async fn stop_for_revoked_owner(worker: &Worker, item: &ClaimedItem) -> store::Result<()> {
    if owner_is_active(worker, item).await? {
        return Ok(());
    }
    tracing::warn!(item_id = item.item_id, "canceled: its owner may not use the studio any more");
    let service = domain::account::CurrentUser { user_id: item.user_id.clone(), is_admin: true };
    queue::cancel_item(&worker.pool, &service, &item.queue_id, item.item_id).await
}

/// Whether the item's owner exists and may sign in.
pub(super) async fn owner_is_active(worker: &Worker, item: &ClaimedItem) -> store::Result<bool> {
    let owner = store::standing::of(&worker.pool, std::slice::from_ref(&item.user_id)).await?;
    Ok(owner.iter().any(|owner| owner.is_active))
}
