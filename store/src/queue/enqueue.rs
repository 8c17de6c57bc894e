//! A batch becomes items.
use super::counts;
use crate::{Result, events};
use domain::{
    account::CurrentUser,
    batch::{Batch, BatchSession},
};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};

/// Enqueuing is serialized, so the limit on waiting items holds.
const ENQUEUE_LOCK: i64 = 0x71_7565_7565;
/// Rows a statement.
const CHUNK: usize = 200;

/// What became of a batch.
#[derive(Debug, Clone)]
pub struct Enqueued {
    /// How many items the batch asked for.
    pub requested: u64,
    /// The priority of the items.
    pub priority: i32,
    /// The new items, the newest first.
    pub item_ids: Vec<i64>,
}

/// Adds a batch's items, as many as the queue has room for.
pub async fn enqueue(
    pool: &PgPool,
    user: &CurrentUser,
    queue_id: &str,
    batch: &Batch,
    prepend: bool,
    max_queue_size: u64,
) -> Result<Enqueued> {
    let mut transaction = pool.begin().await?;
    let room = room(&mut transaction, queue_id, max_queue_size).await?;
    let priority = if prepend { highest_priority(&mut transaction, queue_id).await? + 1 } else { 0 };
    let sessions = batch.sessions(room);
    let mut item_ids = Vec::with_capacity(sessions.len());
    for chunk in sessions.chunks(CHUNK) {
        item_ids.extend(insert(&mut transaction, user, queue_id, batch, priority, chunk).await?);
    }
    item_ids.sort_unstable_by(|a, b| b.cmp(a));
    let requested = batch.session_count();
    let payload = json!({
        "timestamp": events::unix_time(),
        "queue_id": queue_id,
        "batch_id": batch.batch_id,
        "enqueued": item_ids.len(),
        "requested": requested,
        "priority": priority,
        "origin": batch.origin,
        "user_id": user.user_id,
    });
    events::record(&mut transaction, "batch_enqueued", Some(queue_id), Some(&user.user_id), &payload).await?;
    sqlx::query!("select pg_notify('queue_wake', '')").execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(Enqueued { requested, priority, item_ids })
}

/// How many items the queue still takes; holds the enqueue lock until the transaction ends.
pub(super) async fn room(
    connection: &mut PgConnection,
    queue_id: &str,
    max_queue_size: u64,
) -> Result<usize> {
    sqlx::query!("select pg_advisory_xact_lock($1)", ENQUEUE_LOCK).execute(&mut *connection).await?;
    let waiting = counts::pending(connection, queue_id).await?;
    let room = max_queue_size.saturating_sub(waiting);
    Ok(usize::try_from(room).unwrap_or(usize::MAX))
}

async fn highest_priority(connection: &mut PgConnection, queue_id: &str) -> Result<i32> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(max(priority), 0) as "priority!" from queue_items
        where queue_id = $1 and status = 'pending'"#,
        queue_id
    )
    .fetch_one(connection)
    .await?)
}

async fn insert(
    connection: &mut PgConnection,
    user: &CurrentUser,
    queue_id: &str,
    batch: &Batch,
    priority: i32,
    sessions: &[BatchSession],
) -> Result<Vec<i64>> {
    let session_ids: Vec<String> = sessions.iter().map(|session| session.session_id.clone()).collect();
    let mut item_ids = sqlx::query_scalar!(
        "insert into queue_items (queue_id, batch_id, session_id, user_id, priority, origin, destination)
        select $1, $2, session_id, $4, $5, $6, $7 from unnest($3::text[]) with ordinality as s (session_id, place)
        order by place returning item_id",
        queue_id,
        batch.batch_id,
        &session_ids,
        user.user_id,
        priority,
        batch.origin,
        batch.destination,
    )
    .fetch_all(&mut *connection)
    .await?;
    item_ids.sort_unstable();
    let texts: Vec<String> = sessions.iter().map(|session| session.session.to_string()).collect();
    let values: Vec<String> = sessions.iter().map(|session| session.field_values.to_string()).collect();
    sqlx::query!(
        "insert into queue_sessions (item_id, session, workflow, field_values)
        select item_id, session::json, $3::text::json, field_values::json
        from unnest($1::bigint[], $2::text[], $4::text[]) as s (item_id, session, field_values)",
        &item_ids,
        &texts,
        batch.workflow.as_ref().map(Value::to_string),
        &values,
    )
    .execute(connection)
    .await?;
    Ok(item_ids)
}
