//! Waiting while the database does not answer: a node's work is not lost for it.
use std::time::Duration;

use sqlx::Error as DatabaseError;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::invocation::InvocationError;

const AFTER_A_FAILURE: Duration = Duration::from_millis(500);
/// SQLSTATE of a server that cannot be reached, is full, is being stopped or started, or takes no connections.
const OUTAGES: &[&str] = &["08", "53", "57", "55000"];

/// Does `work` again and again while the database does not answer, until `stopped`. `work` is told whether it is a
/// repetition: what it did before may have come through.
pub(super) async fn outlast<T>(
    stopped: &CancellationToken,
    work: impl AsyncFn(bool) -> Result<T, InvocationError>,
) -> Result<T, InvocationError> {
    let mut again = false;
    loop {
        match work(again).await {
            Err(InvocationError::Store(store::Error::Database(error))) if is_outage(&error) => {
                tracing::warn!(%error, "the database does not answer; the node waits");
            }
            result => return result,
        }
        again = true;
        if stopped.run_until_cancelled(sleep(AFTER_A_FAILURE)).await.is_none() {
            return Err(InvocationError::Canceled);
        }
    }
}

/// Whether an error says that the database is away, not that it refuses.
fn is_outage(error: &DatabaseError) -> bool {
    match error {
        DatabaseError::Io(_)
        | DatabaseError::PoolTimedOut
        | DatabaseError::Tls(_)
        | DatabaseError::Protocol(_) => true,
        DatabaseError::Database(error) => {
            error.code().is_some_and(|code| OUTAGES.iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

/// Whether a row is already there.
pub(super) fn is_duplicate(error: &store::Error) -> bool {
    matches!(error, store::Error::Database(DatabaseError::Database(error)) if error.is_unique_violation())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn away() -> InvocationError {
        store::Error::Database(DatabaseError::PoolTimedOut).into()
    }

    #[tokio::test]
    async fn work_is_done_again_until_the_database_answers() {
        let tries = AtomicU32::new(0);
        let work = async |again: bool| match tries.fetch_add(1, Ordering::Relaxed) {
            0 => Err(away()),
            _ => Ok(again),
        };
        assert!(outlast(&CancellationToken::new(), work).await.unwrap());
    }

    #[tokio::test]
    async fn refusals_are_no_outage_and_a_stop_ends_the_wait() {
        let refused =
            outlast(&CancellationToken::new(), async |_| Err::<(), _>(store::Error::Forbidden.into())).await;
        assert!(matches!(refused, Err(InvocationError::Store(store::Error::Forbidden))));
        let stopped = CancellationToken::new();
        stopped.cancel();
        let ended = outlast(&stopped, async |_| Err::<(), _>(away())).await;
        assert!(matches!(ended, Err(InvocationError::Canceled)));
    }
}
