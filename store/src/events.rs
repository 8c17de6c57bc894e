//! Durable events, in the order in which they became visible; and progress, which may be lost.
use crate::{Error, Result, queue::ClaimedItem};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgExecutor, PgPool};
use std::time::Duration;

/// An event as it was recorded.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name on the wire.
    pub name: String,
    /// The queue it belongs to.
    pub queue_id: Option<String>,
    /// Whom it concerns.
    pub user_id: Option<String>,
    /// What clients get, before redaction.
    pub payload: Value,
}

/// A place in the order of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    transaction: String,
    id: i64,
}

/// Seconds since 1970, as events carry them.
pub fn unix_time() -> i64 {
    chrono::Utc::now().timestamp()
}

/// Records an event in the transaction that causes it, and wakes its readers at the commit.
pub async fn record(
    connection: &mut PgConnection,
    name: &str,
    queue_id: Option<&str>,
    user_id: Option<&str>,
    payload: &Value,
) -> Result<()> {
    record_quietly(connection, name, queue_id, user_id, payload).await?;
    sqlx::query!("select pg_notify('events_wake', '')").execute(connection).await?;
    Ok(())
}

/// Wakes the readers of events after a commit.
///
/// Commits with a notice wait for each other, and so for each other's disk writes; what workers do all the time
/// therefore commits without and calls this. That a notice is lost does no harm: readers also poll.
pub async fn wake(pool: &PgPool) {
    let sent =
        sqlx::query!("select set_config('synchronous_commit', 'off', true), pg_notify('events_wake', '')")
            .fetch_one(pool)
            .await;
    if let Err(error) = sent {
        tracing::debug!(%error, "the readers of events were not woken");
    }
}

/// Records an event in the transaction that causes it, which calls [`wake`] after its commit.
pub(crate) async fn record_quietly(
    connection: &mut PgConnection,
    name: &str,
    queue_id: Option<&str>,
    user_id: Option<&str>,
    payload: &Value,
) -> Result<()> {
    sqlx::query!(
        "insert into events (name, queue_id, user_id, payload) values ($1, $2, $3, $4::text::json)",
        name,
        queue_id,
        user_id,
        payload.to_string()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Records an event of a running item. The item's own fields are added to `payload`.
///
/// # Errors
/// [`Error::LeaseLost`] when the item is no longer the worker's.
pub async fn publish(pool: &PgPool, item: &ClaimedItem, name: &str, payload: Value) -> Result<()> {
    let payload = complete(item, name, payload);
    let mut transaction = pool.begin().await?;
    let held = sqlx::query!(
        // Nothing is lost with an event of a node: its result goes into the session. So no disk write is waited for.
        "select set_config('synchronous_commit', 'off', true) from queue_items
        where item_id = $1 and fence = $2 and status = 'in_progress' for share",
        item.item_id,
        item.fence
    )
    .fetch_optional(&mut *transaction)
    .await?;
    if held.is_none() {
        return Err(Error::LeaseLost);
    }
    record_quietly(&mut transaction, name, Some(&item.queue_id), Some(&item.user_id), &payload).await?;
    transaction.commit().await?;
    wake(pool).await;
    Ok(())
}

/// Replaces the item's progress. Callers throttle.
///
/// # Errors
/// [`Error::LeaseLost`] when the item is no longer the worker's.
pub async fn publish_progress(pool: &PgPool, item: &ClaimedItem, payload: Value) -> Result<()> {
    let payload = complete(item, "invocation_progress", payload);
    let mut transaction = pool.begin().await?;
    let written = sqlx::query!(
        "insert into queue_progress (item_id, payload) select $1, $3::text::json from queue_items
        where item_id = $1 and fence = $2 and status = 'in_progress'
        on conflict (item_id) do update set payload = excluded.payload",
        item.item_id,
        item.fence,
        payload.to_string(),
    )
    .execute(&mut *transaction)
    .await?;
    if written.rows_affected() == 0 {
        return Err(Error::LeaseLost);
    }
    sqlx::query!("select pg_notify('progress_wake', $1)", item.item_id.to_string())
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}

fn complete(item: &ClaimedItem, name: &str, payload: Value) -> Value {
    let mut all = if name.starts_with("model_load") {
        json!({ "timestamp": unix_time(), "user_id": item.user_id })
    } else {
        json!({
            "timestamp": unix_time(),
            "queue_id": item.queue_id,
            "item_id": item.item_id,
            "batch_id": item.batch_id,
            "origin": item.origin,
            "destination": item.destination,
            "user_id": item.user_id,
            "session_id": item.session_id,
        })
    };
    if let (Some(all), Value::Object(own)) = (all.as_object_mut(), payload) {
        all.extend(own);
    }
    all
}

/// The latest progress of an item, if it still runs.
pub async fn progress_of(database: impl PgExecutor<'_>, item_id: i64) -> Result<Option<Event>> {
    let row = sqlx::query!(
        "select q.queue_id, q.user_id, p.payload from queue_progress p join queue_items q using (item_id)
        where p.item_id = $1 and q.status = 'in_progress'",
        item_id
    )
    .fetch_optional(database)
    .await?;
    Ok(row.map(|row| Event {
        name: "invocation_progress".into(),
        queue_id: Some(row.queue_id),
        user_id: Some(row.user_id),
        payload: row.payload,
    }))
}

/// The place from which a relay that starts now reads.
pub async fn now(database: impl PgExecutor<'_>) -> Result<Cursor> {
    let transaction =
        sqlx::query_scalar!(r#"select events_horizon()::text as "horizon!""#).fetch_one(database).await?;
    Ok(Cursor { transaction, id: 0 })
}

/// The next events after `cursor`, which moves on. Events of transactions that may still be overtaken are left.
pub async fn after(database: impl PgExecutor<'_>, cursor: &mut Cursor, limit: i64) -> Result<Vec<Event>> {
    let rows = sqlx::query!(
        r#"select xact::text as "xact!", id, name, queue_id, user_id, payload from events
        where (xact, id) > ($1::text::xid8, $2) and xact < (select events_horizon())
        order by events.xact, id limit $3"#,
        cursor.transaction,
        cursor.id,
        limit
    )
    .fetch_all(database)
    .await?;
    if let Some(last) = rows.last() {
        *cursor = Cursor { transaction: last.xact.clone(), id: last.id };
    }
    let event = |(name, queue_id, user_id, payload)| Event { name, queue_id, user_id, payload };
    Ok(rows.into_iter().map(|row| event((row.name, row.queue_id, row.user_id, row.payload))).collect())
}

/// Deletes events that every replica has long read, and progress of what no longer runs. Returns how many events.
pub async fn prune(pool: &PgPool, age: Duration) -> Result<u64> {
    sqlx::query!(
        "delete from queue_progress p where not exists (
            select from queue_items q where q.item_id = p.item_id and q.status = 'in_progress'
        )"
    )
    .execute(pool)
    .await?;
    let deleted = sqlx::query!(
        "delete from events where created_at < clock_timestamp() - make_interval(secs => $1)",
        age.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(deleted.rows_affected())
}
