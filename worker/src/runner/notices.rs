//! What the database calls out to workers: that items wait, and that one was canceled.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const WAKE: &str = "queue_wake";
const CANCEL: &str = "queue_cancel";
const CACHES: &str = "cache_control";
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

/// Who waits for which notice.
#[derive(Debug, Default)]
pub(super) struct Notices {
    wake: Notify,
    caches: Notify,
    running: Mutex<HashMap<i64, CancellationToken>>,
}

impl Notices {
    /// Returns when items may wait. A notice that came while nobody waited counts.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Returns when something may be asked of caches.
    pub(super) async fn caches_asked(&self) {
        self.caches.notified().await;
    }

    /// The token of a running item is cancelled with it, until the guard goes.
    pub(super) fn watch(self: &Arc<Self>, item_id: i64, token: CancellationToken) -> Watch {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(item_id, token);
        Watch { notices: self.clone(), item_id }
    }

    /// Hears notices until `stop`, through outages of the database. Those of an outage are lost: polling and
    /// heartbeats make up for them.
    pub(super) async fn listen(self: Arc<Self>, pool: PgPool, stop: CancellationToken) {
        while let Some(Err(error)) = stop.run_until_cancelled(self.hear(&pool)).await {
            tracing::warn!(%error, "notices of the database are not heard; trying again");
            sleep(AFTER_A_FAILURE).await;
        }
    }

    async fn hear(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen_all([WAKE, CANCEL, CACHES]).await?;
        loop {
            let notice = listener.recv().await?;
            if notice.channel() == WAKE {
                self.wake.notify_one();
            } else if notice.channel() == CACHES {
                self.caches.notify_one();
            } else if let Ok(item_id) = notice.payload().parse()
                && let Some(token) =
                    self.running.lock().unwrap_or_else(PoisonError::into_inner).get::<i64>(&item_id)
            {
                token.cancel();
            }
        }
    }
}

/// Forgets the running item when it ends.
pub(super) struct Watch {
    notices: Arc<Notices>,
    item_id: i64,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.notices.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.item_id);
    }
}
