//! People delete items. What runs is canceled first, so its worker stops.
use super::cancel::{Selection, by_owner, cancel_loudly, lock_running, record_canceled};
use crate::{Error, Result, events};
use domain::account::CurrentUser;
use serde_json::json;
use sqlx::PgPool;

/// Deletes the user's (an administrator: everybody's) items. Returns how many.
pub async fn clear(pool: &PgPool, user: &CurrentUser, queue_id: &str) -> Result<u64> {
    let mut transaction = pool.begin().await?;
    let running = lock_running(&mut transaction, user, queue_id, Selection::default()).await?;
    cancel_loudly(&mut transaction, &running).await?;
    let deleted = sqlx::query!(
        "delete from queue_items where queue_id = $1 and ($2 or user_id = $3)",
        queue_id,
        user.is_admin,
        user.user_id
    )
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    let owner = (!user.is_admin).then_some(user.user_id.as_str());
    let payload = json!({ "timestamp": events::unix_time(), "queue_id": queue_id, "user_id": owner });
    events::record(&mut transaction, "queue_cleared", Some(queue_id), owner, &payload).await?;
    transaction.commit().await?;
    Ok(deleted)
}

/// Deletes the user's (an administrator: everybody's) items that have ended. Returns how many.
pub async fn prune(pool: &PgPool, user: &CurrentUser, queue_id: &str) -> Result<u64> {
    let deleted = sqlx::query!(
        "delete from queue_items where queue_id = $1 and status in ('completed', 'failed', 'canceled')
            and ($2 or user_id = $3)",
        queue_id,
        user.is_admin,
        user.user_id
    )
    .execute(pool)
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes what waits and leaves what runs or has ended. Returns how many.
pub async fn delete_all_except_current(pool: &PgPool, user: &CurrentUser, queue_id: &str) -> Result<usize> {
    let mut transaction = pool.begin().await?;
    let rows = sqlx::query!(
        "delete from queue_items where queue_id = $1 and status in ('pending', 'waiting') and ($2 or user_id = $3)
        returning item_id, user_id",
        queue_id,
        user.is_admin,
        user.user_id
    )
    .fetch_all(&mut *transaction)
    .await?;
    let count = rows.len();
    let items = by_owner(rows.into_iter().map(|row| (row.user_id, row.item_id)));
    record_canceled(&mut transaction, queue_id, &items).await?;
    transaction.commit().await?;
    Ok(count)
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
    let running = lock_running(&mut transaction, user, queue_id, selection).await?;
    cancel_loudly(&mut transaction, &running).await?;
    let rows = sqlx::query!(
        "delete from queue_items where queue_id = $1 and destination = $4 and ($2 or user_id = $3)
        returning item_id, user_id",
        queue_id,
        user.is_admin,
        user.user_id,
        destination,
    )
    .fetch_all(&mut *transaction)
    .await?;
    let count = rows.len();
    // What ran has had its own event.
    let quiet = rows.into_iter().filter(|row| !running.contains(&row.item_id));
    let items = by_owner(quiet.map(|row| (row.user_id, row.item_id)));
    record_canceled(&mut transaction, queue_id, &items).await?;
    transaction.commit().await?;
    Ok(count)
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
