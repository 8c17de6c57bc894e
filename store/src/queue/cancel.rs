//! People cancel what waits or runs. A running item is stopped by its worker's next heartbeat or the notice.
use super::transition::record_status_change;
use crate::{Error, Result, events};
use domain::account::CurrentUser;
use indexmap::IndexMap;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

/// Held while several items are locked.
const SELECTION_LOCK: i64 = 0x7365_6c65_6374;

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
    let items =
        lock_items(&mut transaction, user, queue_id, selection, &["pending", "waiting", "in_progress"])
            .await?;
    let (running, waiting): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.runs());
    cancel_loudly(&mut transaction, &ids(running)).await?;
    cancel_quietly(&mut transaction, queue_id, waiting).await?;
    transaction.commit().await?;
    Ok(items.len())
}

/// Cancels what waits and leaves what runs. Returns how many.
pub async fn cancel_all_except_current(pool: &PgPool, user: &CurrentUser, queue_id: &str) -> Result<usize> {
    let mut transaction = pool.begin().await?;
    let items =
        lock_items(&mut transaction, user, queue_id, Selection::default(), &["pending", "waiting"]).await?;
    cancel_quietly(&mut transaction, queue_id, items.iter().collect()).await?;
    transaction.commit().await?;
    Ok(items.len())
}

/// An item that this transaction has locked.
pub(super) struct LockedItem {
    pub(super) item_id: i64,
    pub(super) user_id: String,
    status: String,
}

impl LockedItem {
    pub(super) fn runs(&self) -> bool {
        self.status == "in_progress"
    }
}

/// The ids of some items.
pub(super) fn ids<'a>(items: impl IntoIterator<Item = &'a LockedItem>) -> Vec<i64> {
    items.into_iter().map(|item| item.item_id).collect()
}

/// Locks the user's (an administrator: everybody's) selected items with one of these statuses, until the
/// transaction ends. An item that is claimed at this moment is waited for and counts as running.
pub(super) async fn lock_items(
    connection: &mut PgConnection,
    user: &CurrentUser,
    queue_id: &str,
    selection: Selection<'_>,
    statuses: &[&str],
) -> Result<Vec<LockedItem>> {
    one_at_a_time(connection).await?;
    let statuses: Vec<String> = statuses.iter().map(|&status| status.to_owned()).collect();
    Ok(sqlx::query_as!(
        LockedItem,
        "select item_id, user_id, status from queue_items
        where queue_id = $1 and status = any($2) and ($3 or user_id = $4)
            and ($5::text is null or destination = $5) and ($6::text[] is null or batch_id = any($6))
        order by item_id for update",
        queue_id,
        &statuses,
        user.is_admin,
        user.user_id,
        selection.destination,
        selection.batch_ids,
    )
    .fetch_all(connection)
    .await?)
}

/// Until the transaction ends nobody else changes many items, so that two of them do not wait for each other's.
pub(super) async fn one_at_a_time(connection: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1)", SELECTION_LOCK).execute(connection).await?;
    Ok(())
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
            sqlx::query!(
                "select pg_notify('queue_cancel', $1), pg_notify('events_wake', '')",
                item_id.to_string()
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

/// Cancels items that wait, with one event for all.
async fn cancel_quietly(
    connection: &mut PgConnection,
    queue_id: &str,
    items: Vec<&LockedItem>,
) -> Result<()> {
    sqlx::query!(
        "update queue_items set status = 'canceled', status_sequence = status_sequence + 1,
            completed_at = clock_timestamp(), updated_at = clock_timestamp()
        where item_id = any($1)",
        &ids(items.iter().copied()),
    )
    .execute(&mut *connection)
    .await?;
    record_canceled(connection, queue_id, items).await
}

pub(super) fn by_owner(rows: impl IntoIterator<Item = (String, i64)>) -> ByOwner {
    let mut owners = ByOwner::new();
    for (user_id, item_id) in rows {
        owners.entry(user_id).or_default().push(item_id);
    }
    owners
}

/// The one event of items that were canceled or deleted together.
pub(super) async fn record_canceled<'a>(
    connection: &mut PgConnection,
    queue_id: &str,
    items: impl IntoIterator<Item = &'a LockedItem>,
) -> Result<()> {
    let owners = by_owner(items.into_iter().map(|item| (item.user_id.clone(), item.item_id)));
    if owners.is_empty() {
        return Ok(());
    }
    let payload = json!({
        "timestamp": events::unix_time(),
        "queue_id": queue_id,
        "canceled_item_ids": owners.values().flatten().collect::<Vec<_>>(),
        "user_ids": owners.keys().collect::<Vec<_>>(),
        "canceled_item_ids_by_user": owners,
    });
    events::record(connection, "queue_items_canceled", Some(queue_id), None, &payload).await
}
