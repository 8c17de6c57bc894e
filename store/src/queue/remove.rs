//! People delete items. What runs is canceled first, so its worker stops.
use super::cancel::{LockedItem, Selection, cancel_loudly, ids, lock_items, one_at_a_time, record_canceled};
use crate::{Error, Result, events};
use domain::account::CurrentUser;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

const ENDED: [&str; 3] = ["completed", "failed", "canceled"];
const ALL: [&str; 6] = ["pending", "waiting", "in_progress", "completed", "failed", "canceled"];

/// Deletes the user's (an administrator: everybody's) items. Returns how many.
pub async fn clear(pool: &PgPool, user: &CurrentUser, queue_id: &str) -> Result<u64> {
    let mut transaction = pool.begin().await?;
    let items = lock_items(&mut transaction, user, queue_id, Selection::default(), &ALL).await?;
    cancel_loudly(&mut transaction, &ids(items.iter().filter(|item| item.runs()))).await?;
    let deleted = delete(&mut transaction, &items).await?;
    let owner = (!user.is_admin).then_some(user.user_id.as_str());
    let payload = json!({ "timestamp": events::unix_time(), "queue_id": queue_id, "user_id": owner });
    events::record(&mut transaction, "queue_cleared", Some(queue_id), owner, &payload).await?;
    transaction.commit().await?;
    Ok(deleted)
}

/// Deletes the user's (an administrator: everybody's) items that have ended. Returns how many.
pub async fn prune(pool: &PgPool, user: &CurrentUser, queue_id: &str) -> Result<u64> {
    let mut transaction = pool.begin().await?;
    let items = lock_items(&mut transaction, user, queue_id, Selection::default(), &ENDED).await?;
    let deleted = delete(&mut transaction, &items).await?;
    transaction.commit().await?;
    Ok(deleted)
}

/// Deletes the items of all queues that have ended, but for the `kept` that ended last. Returns how many.
pub async fn shorten_history(pool: &PgPool, kept: u32) -> Result<u64> {
    let mut transaction = pool.begin().await?;
    one_at_a_time(&mut transaction).await?;
    let deleted = sqlx::query!(
        "delete from queue_items where item_id in (
            select item_id from queue_items where status = any($1)
            order by completed_at desc nulls last, item_id desc offset $2
        )",
        &ENDED.map(str::to_owned),
        i64::from(kept)
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(deleted.rows_affected())
}

/// Deletes what waits and leaves what runs or has ended. Returns how many.
pub async fn delete_all_except_current(pool: &PgPool, user: &CurrentUser, queue_id: &str) -> Result<usize> {
    let mut transaction = pool.begin().await?;
    let items =
        lock_items(&mut transaction, user, queue_id, Selection::default(), &["pending", "waiting"]).await?;
    delete(&mut transaction, &items).await?;
    record_canceled(&mut transaction, queue_id, &items).await?;
    transaction.commit().await?;
    Ok(items.len())
}

/// Deletes the items of a destination. Returns how many.
pub async fn delete_by_destination(
    pool: &PgPool,
    user: &CurrentUser,
    queue_id: &str,
    destination: &str,
) -> Result<usize> {
    let mut transaction = pool.begin().await?;
    let selection = Selection { destination: Some(destination), batch_ids: None };
    let items = lock_items(&mut transaction, user, queue_id, selection, &ALL).await?;
    // What runs has an event of its own.
    cancel_loudly(&mut transaction, &ids(items.iter().filter(|item| item.runs()))).await?;
    delete(&mut transaction, &items).await?;
    record_canceled(&mut transaction, queue_id, items.iter().filter(|item| !item.runs())).await?;
    transaction.commit().await?;
    Ok(items.len())
}

async fn delete(connection: &mut PgConnection, items: &[LockedItem]) -> Result<u64> {
    let deleted = sqlx::query!("delete from queue_items where item_id = any($1)", &ids(items))
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected())
}

/// Deletes one item; one that waits or runs is canceled first.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::Forbidden`] when it is another person's.
pub async fn delete_item(pool: &PgPool, user: &CurrentUser, queue_id: &str, item_id: i64) -> Result<()> {
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
    sqlx::query!("delete from queue_items where item_id = $1", item_id).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}
