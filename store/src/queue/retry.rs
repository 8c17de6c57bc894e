//! What failed or was canceled is enqueued again with a fresh session.
use super::{cancel::by_owner, enqueue::room};
use crate::{Error, Result, events};
use domain::{account::CurrentUser, batch::new_session};
use serde_json::{Value, json};
use sqlx::PgPool;

/// Enqueues copies of the items that failed or were canceled; the others are passed over. Returns the originals.
///
/// # Errors
/// [`Error::NotFound`] for an item of another queue, [`Error::Forbidden`] for another person's.
pub async fn retry(
    pool: &PgPool,
    user: &CurrentUser,
    queue_id: &str,
    item_ids: &[i64],
    max_queue_size: u64,
) -> Result<Vec<i64>> {
    let mut transaction = pool.begin().await?;
    let mut room = room(&mut transaction, queue_id, max_queue_size).await?;
    let rows = sqlx::query!(
        r#"select q.item_id, q.queue_id, q.user_id, q.status, s.session from queue_items q
        join queue_sessions s using (item_id)
        join unnest($1::bigint[]) with ordinality as wanted (item_id, place) on wanted.item_id = q.item_id
        order by wanted.place"#,
        item_ids
    )
    .fetch_all(&mut *transaction)
    .await?;
    let mut retried: Vec<(String, i64)> = Vec::new();
    for row in rows {
        if row.queue_id != queue_id {
            return Err(Error::NotFound);
        }
        if !user.may_manage(&row.user_id) {
            return Err(Error::Forbidden);
        }
        let again = matches!(row.status.as_str(), "failed" | "canceled");
        if !again || room == 0 || retried.iter().any(|(_, item_id)| *item_id == row.item_id) {
            continue;
        }
        room -= 1;
        let session_id = uuid::Uuid::new_v4().to_string();
        let session = new_session(&session_id, row.session.get("graph").cloned().unwrap_or(Value::Null));
        sqlx::query!(
            "with copy as (
                insert into queue_items
                    (queue_id, batch_id, session_id, user_id, priority, origin, destination, retried_from_item_id)
                select queue_id, batch_id, $2, user_id, priority, origin, destination,
                    coalesce(retried_from_item_id, item_id)
                from queue_items where item_id = $1 returning item_id
            )
            insert into queue_sessions (item_id, session, workflow, field_values)
            select copy.item_id, $3::text::json, s.workflow, s.field_values from copy, queue_sessions s where s.item_id = $1",
            row.item_id,
            session_id,
            session.to_string(),
        )
        .execute(&mut *transaction)
        .await?;
        retried.push((row.user_id, row.item_id));
    }
    let ids: Vec<i64> = retried.iter().map(|(_, item_id)| *item_id).collect();
    let owners = by_owner(retried);
    let payload = json!({
        "timestamp": events::unix_time(),
        "queue_id": queue_id,
        "retried_item_ids": ids,
        "user_ids": owners.keys().collect::<Vec<_>>(),
        "retried_item_ids_by_user": owners,
    });
    events::record(&mut transaction, "queue_items_retried", Some(queue_id), None, &payload).await?;
    sqlx::query!("select pg_notify('queue_wake', '')").execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(ids)
}
