//! A worker takes the next item.
use super::{counts, transition::record_status_change};
use crate::{Result, events};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use std::time::Duration;

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

/// How many items of each person are looked at when the first of everybody is just being taken by other workers.
const DEPTH: i64 = 32;

/// Takes the next item, if there is one and nobody paused the queue.
///
/// Workers never wait for each other: what another one is just taking is passed over, and with it the turn of the
/// person who owns it, so the order between people stays exact.
pub async fn claim_next(
    pool: &PgPool,
    worker_id: &str,
    mode: QueueMode,
    lease: Duration,
) -> Result<Option<ClaimedItem>> {
    let mut transaction = pool.begin().await?;
    let chosen = match mode {
        QueueMode::Fifo => oldest(&mut transaction).await?,
        QueueMode::RoundRobin => match next_in_turn(&mut transaction, 1).await? {
            None => next_in_turn(&mut transaction, DEPTH).await?,
            chosen => chosen,
        },
    };
    let Some(item_id) = chosen else { return Ok(None) };
    let item = take(&mut transaction, item_id, worker_id, lease).await?;
    if item_id % counts::CLAIMS_A_SUM == 0 {
        counts::sum_up(&mut transaction, &item.queue_id).await?;
    }
    record_status_change(&mut transaction, item_id).await?;
    transaction.commit().await?;
    events::wake(pool).await;
    Ok(Some(item))
}

/// The waiting item with the highest priority, the oldest of several; locked.
async fn oldest(connection: &mut PgConnection) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        "select item_id from queue_items where status = 'pending' and not (select paused from queue_processor)
        order by priority desc, item_id limit 1 for update skip locked"
    )
    .fetch_optional(connection)
    .await?)
}

/// Of everybody's next items (priority, then age) the one of the person who was served longest ago; locked.
/// Upstream's order: a priority counts among a person's own items and does not take another's turn.
async fn next_in_turn(connection: &mut PgConnection, depth: i64) -> Result<Option<i64>> {
    // The recursion jumps from person to person along the index `queue_items_pending_of_user`; so that it is the
    // only one that fits the order, a person is written as a range. Candidates are locked one by one, in order.
    Ok(sqlx::query_scalar!(
        "with recursive waiting as (
            (select user_id from queue_items where status = 'pending' order by user_id, priority desc, item_id limit 1)
            union all
            select next.user_id from waiting cross join lateral (
                select q.user_id from queue_items q where q.status = 'pending' and q.user_id > waiting.user_id
                order by q.user_id, q.priority desc, q.item_id limit 1
            ) as next
        ),
        people as materialized (
            select user_id, (select max(started_at) from queue_items q where q.user_id = waiting.user_id) as served
            from waiting
        ),
        candidates as (
            select first.item_id from people cross join lateral (
                select item_id, row_number() over (order by priority desc, item_id) as place from (
                    select q.item_id, q.priority from queue_items q
                    where q.status = 'pending' and q.user_id >= people.user_id and q.user_id <= people.user_id
                    order by q.user_id, q.priority desc, q.item_id limit $1
                ) as own
            ) as first
            order by first.place, people.served nulls first, first.item_id
        )
        select q.item_id from candidates cross join lateral (
            select item_id from queue_items q where q.item_id = candidates.item_id and q.status = 'pending'
            for update skip locked
        ) as q
        where not (select paused from queue_processor) limit 1",
        depth
    )
    .fetch_optional(connection)
    .await?)
}

/// Gives the item to the worker under a new fence number.
async fn take(
    connection: &mut PgConnection,
    item_id: i64,
    worker_id: &str,
    lease: Duration,
) -> Result<ClaimedItem> {
    Ok(sqlx::query_as!(
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
    .fetch_one(connection)
    .await?)
}
