//! People cancel what waits or runs. A running item is stopped by its worker's next heartbeat or the notice.
use super::transition::record_status_change;
use crate::{Error, Result, events};
use domain::account::CurrentUser;
use indexmap::IndexMap;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

/// Which items of a queue are meant; absent parts do not restrict.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// Items of these batches.
    pub batch_ids: Option<&'a [String]>,
    /// Items for this destination.
    pub destination: Option<&'a str>,
}

/// Items by the account that owns them.
pub(super) type ByOwner = IndexMap<String, Vec<i64>>;

/// Cancels one item that waits or runs; one that has ended stays as it is.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::Forbidden`] when it is another person's.
pub async fn cancel_item(pool: &PgPool, user: &CurrentUser, queue_id: &str, item_id: i64) -> Result<()> {
    let mut transaction = pool.begin().await?;
    let owner = sqlx::query_scalar!(
        "select user_id from queue_items where item_id = $1 and queue_id = $2 for update",
        item_id,
        queue_id
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or(Error::NotFound)?;
    if !user.may_manage(&owner) {
        return Err(Error::Forbidden);
    }
    cancel_loudly(&mut transaction, &[item_id]).await?;
    Ok(transaction.commit().await?)
}

/// Cancels the user's (an administrator: everybody's) selected items. Returns how many.
pub async fn cancel_matching(
    pool: &PgPool,
    user: &CurrentUser,
    queue_id: &str,
    selection: Selection<'_>,
) -> Result<usize> {
    let mut transaction = pool.begin().await?;
    let running = lock_running(&mut transaction, user, queue_id, selection).await?;
    let waiting = cancel_waiting(&mut transaction, user, queue_id, selection).await?;
    let count = running.len() + waiting.values().map(Vec::len).sum::<usize>();
    cancel_loudly(&mut transaction, &running).await?;
    record_canceled(&mut transaction, queue_id, &waiting).await?;
    transaction.commit().await?;
    Ok(count)
}

/// Cancels what waits and leaves what runs. Returns how many.
pub async fn cancel_all_except_current(pool: &PgPool, user: &CurrentUser, queue_id: &str) -> Result<usize> {
    let mut transaction = pool.begin().await?;
    let waiting = cancel_waiting(&mut transaction, user, queue_id, Selection::default()).await?;
    record_canceled(&mut transaction, queue_id, &waiting).await?;
    transaction.commit().await?;
    Ok(waiting.values().map(Vec::len).sum())
}

/// The selected items that run, locked until the transaction ends.
pub(super) async fn lock_running(
    connection: &mut PgConnection,
    user: &CurrentUser,
    queue_id: &str,
    selection: Selection<'_>,
) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!(
        "select item_id from queue_items where queue_id = $1 and status = 'in_progress' and ($2 or user_id = $3)
            and ($4::text is null or destination = $4) and ($5::text[] is null or batch_id = any($5))
        order by item_id for update",
        queue_id,
        user.is_admin,
        user.user_id,
        selection.destination,
        selection.batch_ids,
    )
    .fetch_all(connection)
    .await?)
}

/// Cancels items one by one, each with its own event, and tells their workers.
pub(super) async fn cancel_loudly(connection: &mut PgConnection, item_ids: &[i64]) -> Result<()> {
    for item_id in item_ids {
        let changed = sqlx::query!(
            "update queue_items set status = 'canceled', status_sequence = status_sequence + 1, lease_until = null,
                completed_at = clock_timestamp(), updated_at = clock_timestamp()
            where item_id = $1 and status in ('pending', 'in_progress', 'waiting')",
            item_id
        )
        .execute(&mut *connection)
        .await?;
        if changed.rows_affected() == 1 {
            record_status_change(connection, *item_id).await?;
            sqlx::query!("select pg_notify('queue_cancel', $1)", item_id.to_string())
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

async fn cancel_waiting(
    connection: &mut PgConnection,
    user: &CurrentUser,
    queue_id: &str,
    selection: Selection<'_>,
) -> Result<ByOwner> {
    let rows = sqlx::query!(
        "with chosen as (
            select item_id from queue_items
            where queue_id = $1 and status in ('pending', 'waiting') and ($2 or user_id = $3)
                and ($4::text is null or destination = $4) and ($5::text[] is null or batch_id = any($5))
            order by item_id for update
        )
        update queue_items q set status = 'canceled', status_sequence = status_sequence + 1,
            completed_at = clock_timestamp(), updated_at = clock_timestamp()
        from chosen where q.item_id = chosen.item_id returning q.item_id, q.user_id",
        queue_id,
        user.is_admin,
        user.user_id,
        selection.destination,
        selection.batch_ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(by_owner(rows.into_iter().map(|row| (row.user_id, row.item_id))))
}

pub(super) fn by_owner(rows: impl IntoIterator<Item = (String, i64)>) -> ByOwner {
    let mut owners = ByOwner::new();
    for (user_id, item_id) in rows {
        owners.entry(user_id).or_default().push(item_id);
    }
    owners
}

/// The one event of items that were canceled or deleted together.
pub(super) async fn record_canceled(connection: &mut PgConnection, queue_id: &str, items: &ByOwner) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let payload = json!({
        "timestamp": events::unix_time(),
        "queue_id": queue_id,
        "canceled_item_ids": items.values().flatten().collect::<Vec<_>>(),
        "user_ids": items.keys().collect::<Vec<_>>(),
        "canceled_item_ids_by_user": items,
    });
    events::record(connection, "queue_items_canceled", Some(queue_id), None, &payload).await
}
