//! A worker takes the next item.
use super::transition::record_status_change;
use crate::Result;
use serde_json::Value;
use sqlx::PgPool;
use std::time::Duration;

/// Claims are made one after the other, so that the order between people is exact.
const CLAIM_LOCK: i64 = 0x696e_766f_6b65;

/// In which order items are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueMode {
    /// The person who waited longest since their last start, then priority, then age.
    #[default]
    RoundRobin,
    /// Priority, then age.
    Fifo,
}

/// An item that a worker holds under a lease.
#[derive(Debug, Clone)]
pub struct ClaimedItem {
    /// The item.
    pub item_id: i64,
    /// Its queue.
    pub queue_id: String,
    /// Its batch.
    pub batch_id: String,
    /// The session that runs.
    pub session_id: String,
    /// Who enqueued it.
    pub user_id: String,
    /// Where in the UI it came from.
    pub origin: Option<String>,
    /// Where in the UI its results go.
    pub destination: Option<String>,
    /// The number under which the worker's writes count.
    pub fence: i64,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// The session as it was enqueued.
    pub session: Value,
    /// The workflow that goes into images.
    pub workflow: Option<Value>,
    /// What the batch put into the graph.
    pub field_values: Option<Value>,
}

/// Takes the next item, if there is one and nobody paused the queue.
pub async fn claim_next(
    pool: &PgPool,
    worker_id: &str,
    mode: QueueMode,
    lease: Duration,
) -> Result<Option<ClaimedItem>> {
    let mut transaction = pool.begin().await?;
    sqlx::query!("select pg_advisory_xact_lock($1)", CLAIM_LOCK).execute(&mut *transaction).await?;
    let chosen = match mode {
        QueueMode::Fifo => {
            sqlx::query_scalar!(
                "select item_id from queue_items where status = 'pending'
                    and not (select paused from queue_processor)
                order by priority desc, item_id limit 1 for update skip locked"
            )
            .fetch_optional(&mut *transaction)
            .await?
        }
        QueueMode::RoundRobin => {
            sqlx::query_scalar!(
                "with waiting as (select distinct user_id from queue_items where status = 'pending'),
                turns as (
                    select best.item_id, (select max(started_at) from queue_items q where q.user_id = waiting.user_id)
                        as served
                    from waiting cross join lateral (
                        select item_id from queue_items q where q.user_id = waiting.user_id and status = 'pending'
                        order by priority desc, item_id limit 1
                    ) best
                )
                select q.item_id from queue_items q join turns using (item_id)
                where q.status = 'pending' and not (select paused from queue_processor)
                order by turns.served nulls first, q.item_id limit 1 for update of q skip locked"
            )
            .fetch_optional(&mut *transaction)
            .await?
        }
    };
    let Some(item_id) = chosen else { return Ok(None) };
    let item = sqlx::query_as!(
        ClaimedItem,
        r#"update queue_items q set status = 'in_progress', status_sequence = status_sequence + 1,
            fence = fence + 1, attempt = attempt + 1, worker_id = $2, device = null,
            lease_until = clock_timestamp() + make_interval(secs => $3),
            started_at = clock_timestamp(), updated_at = clock_timestamp()
        from queue_sessions s where q.item_id = $1 and s.item_id = q.item_id
        returning q.item_id, queue_id, batch_id, session_id, user_id, origin, destination, fence, attempt,
            s.session, s.workflow, s.field_values"#,
        item_id,
        worker_id,
        lease.as_secs_f64(),
    )
    .fetch_one(&mut *transaction)
    .await?;
    record_status_change(&mut transaction, item_id).await?;
    transaction.commit().await?;
    Ok(Some(item))
}
