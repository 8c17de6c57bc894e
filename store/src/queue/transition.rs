//! The event of a change of status, written in the transaction of the change.
use super::{counts, status, wire_time};
use crate::{Result, events};
use domain::account::CurrentUser;
use serde_json::json;
use sqlx::PgConnection;

/// Records that the item's status is now what its row says. The caller wakes the readers of events.
pub(super) async fn record_status_change(connection: &mut PgConnection, item_id: i64) -> Result<()> {
    let item = sqlx::query!(
        "select queue_id, batch_id, origin, destination, user_id, session_id, status, status_sequence, error_type,
            error_message, error_traceback, created_at, updated_at, started_at, completed_at
        from queue_items where item_id = $1",
        item_id,
    )
    .fetch_one(&mut *connection)
    .await?;
    let owner = CurrentUser { user_id: item.user_id.clone(), is_admin: false };
    let batch = counts::batch_status_on(connection, &owner, &item.queue_id, &item.batch_id).await?;
    let queue = status::queue_status_on(connection, &owner, &item.queue_id).await?;
    let payload = json!({
        "timestamp": events::unix_time(),
        "queue_id": item.queue_id,
        "item_id": item_id,
        "batch_id": item.batch_id,
        "origin": item.origin,
        "destination": item.destination,
        "user_id": item.user_id,
        "status": item.status,
        "status_sequence": item.status_sequence,
        "error_type": item.error_type,
        "error_message": item.error_message,
        "error_traceback": item.error_traceback,
        "created_at": wire_time(item.created_at),
        "updated_at": wire_time(item.updated_at),
        "started_at": item.started_at.map(wire_time),
        "completed_at": item.completed_at.map(wire_time),
        "batch_status": batch,
        "queue_status": queue,
        "session_id": item.session_id,
    });
    let (queue_id, user_id) = (Some(item.queue_id.as_str()), Some(item.user_id.as_str()));
    events::record_quietly(connection, "queue_item_status_changed", queue_id, user_id, &payload).await
}
