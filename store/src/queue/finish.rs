//! A worker records how an item ended.
use super::transition::record_status_change;
use crate::{Error, Result, events};
use serde_json::Value;
use sqlx::PgPool;

/// How an item ended, with the session as it stands.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// All nodes ran.
    Completed {
        /// The session with its results.
        session: Value,
    },
    /// A node failed.
    Failed {
        /// The session with its results so far.
        session: Value,
        /// The kind of error.
        error_type: String,
        /// What went wrong, for people.
        error_message: String,
        /// Where it went wrong.
        error_traceback: String,
    },
    /// The worker stopped because somebody canceled.
    Canceled {
        /// The session with its results so far.
        session: Value,
    },
}

/// Records the end in one transaction with its event. An item that somebody canceled meanwhile stays canceled.
///
/// # Errors
/// [`Error::LeaseLost`] when the item is no longer the worker's.
pub async fn finish(pool: &PgPool, item_id: i64, fence: i64, outcome: Outcome) -> Result<()> {
    let (status, session, error) = match outcome {
        Outcome::Completed { session } => ("completed", session, None),
        Outcome::Failed { session, error_type, error_message, error_traceback } => {
            ("failed", session, Some((error_type, error_message, error_traceback)))
        }
        Outcome::Canceled { session } => ("canceled", session, None),
    };
    let (kind, message, traceback) =
        error.map_or((None, None, None), |(k, m, t)| (Some(k), Some(m), Some(t)));
    let mut transaction = pool.begin().await?;
    let row = sqlx::query!("select status, fence from queue_items where item_id = $1 for update", item_id)
        .fetch_optional(&mut *transaction)
        .await?
        .filter(|row| row.fence == fence)
        .ok_or(Error::LeaseLost)?;
    if !matches!(row.status.as_str(), "in_progress" | "canceled") {
        return Err(Error::LeaseLost);
    }
    sqlx::query!(
        "update queue_sessions set session = $2::text::json where item_id = $1",
        item_id,
        session.to_string()
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!("delete from queue_progress where item_id = $1", item_id).execute(&mut *transaction).await?;
    if row.status == "in_progress" {
        sqlx::query!(
            "update queue_items set status = $2, status_sequence = status_sequence + 1, error_type = $3,
                error_message = $4, error_traceback = $5, lease_until = null,
                completed_at = clock_timestamp(), updated_at = clock_timestamp()
            where item_id = $1",
            item_id,
            status,
            kind,
            message,
            traceback,
        )
        .execute(&mut *transaction)
        .await?;
        record_status_change(&mut transaction, item_id).await?;
    } else {
        // The second end of a canceled item, e.g. a repeated finish, may not write again.
        sqlx::query!("update queue_items set fence = fence + 1 where item_id = $1", item_id)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    events::wake(pool).await;
    Ok(())
}
