//! A lease is kept, handed back, or runs out.
use super::{MAX_ATTEMPTS, transition::record_status_change};
use crate::{Error, Result};
use sqlx::{PgConnection, PgPool};
use std::time::Duration;

/// What a worker hears when it says that it is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heartbeat {
    /// Go on.
    Continue,
    /// Somebody canceled or deleted the item.
    Canceled,
    /// The lease ran out and the item is no longer this worker's.
    LeaseLost,
}

/// Keeps the lease.
pub async fn heartbeat(pool: &PgPool, item_id: i64, fence: i64, lease: Duration) -> Result<Heartbeat> {
    let kept = sqlx::query!(
        "update queue_items set lease_until = clock_timestamp() + make_interval(secs => $3)
        where item_id = $1 and fence = $2 and status = 'in_progress'",
        item_id,
        fence,
        lease.as_secs_f64(),
    )
    .execute(pool)
    .await?;
    if kept.rows_affected() == 1 {
        return Ok(Heartbeat::Continue);
    }
    let row = sqlx::query!("select status, fence from queue_items where item_id = $1", item_id)
        .fetch_optional(pool)
        .await?;
    Ok(match row {
        None => Heartbeat::Canceled,
        Some(row) if row.fence == fence && row.status == "canceled" => Heartbeat::Canceled,
        Some(_) => Heartbeat::LeaseLost,
    })
}

/// Gives an item back untouched, e.g. when the worker drains; the attempt does not count.
///
/// # Errors
/// [`Error::LeaseLost`] when it is no longer the worker's.
pub async fn hand_back(pool: &PgPool, item_id: i64, fence: i64) -> Result<()> {
    let mut transaction = pool.begin().await?;
    let changed = sqlx::query!(
        "update queue_items set status = 'pending', status_sequence = status_sequence + 1, attempt = attempt - 1,
            worker_id = null, lease_until = null, started_at = null, updated_at = clock_timestamp()
        where item_id = $1 and fence = $2 and status = 'in_progress'",
        item_id,
        fence,
    )
    .execute(&mut *transaction)
    .await?;
    if changed.rows_affected() == 0 {
        return Err(Error::LeaseLost);
    }
    record_status_change(&mut transaction, item_id).await?;
    wake_all(&mut transaction).await?;
    Ok(transaction.commit().await?)
}

/// Items whose worker went silent go back into the queue, or fail when they took too many workers with them.
/// Returns how many were found.
pub async fn reap_expired(pool: &PgPool) -> Result<u64> {
    let mut transaction = pool.begin().await?;
    let reaped = sqlx::query_scalar!(
        "with expired as (
            select item_id from queue_items where status = 'in_progress' and lease_until < clock_timestamp()
            order by item_id for update skip locked
        )
        update queue_items q set
            status = case when attempt >= $1 then 'failed' else 'pending' end,
            status_sequence = status_sequence + 1, fence = fence + 1, worker_id = null, lease_until = null,
            error_type = case when attempt >= $1 then 'WorkerLost' end,
            error_message = case when attempt >= $1 then 'The worker was lost ' || attempt || ' times' end,
            started_at = case when attempt >= $1 then started_at end,
            completed_at = case when attempt >= $1 then clock_timestamp() end,
            updated_at = clock_timestamp()
        from expired where q.item_id = expired.item_id returning q.item_id",
        MAX_ATTEMPTS,
    )
    .fetch_all(&mut *transaction)
    .await?;
    for item_id in &reaped {
        record_status_change(&mut transaction, *item_id).await?;
    }
    if !reaped.is_empty() {
        sqlx::query!("delete from queue_progress where item_id = any($1)", &reaped)
            .execute(&mut *transaction)
            .await?;
        wake_all(&mut transaction).await?;
    }
    transaction.commit().await?;
    Ok(reaped.len() as u64)
}

/// Workers, as something waits again, and the readers of events.
async fn wake_all(connection: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_notify('queue_wake', ''), pg_notify('events_wake', '')")
        .execute(connection)
        .await?;
    Ok(())
}
