//! One item as clients see it. Every read goes through [`QueueItem::seen_by`], so nothing of other people leaks.
use super::wire_time;
use crate::Result;
use chrono::{DateTime, Utc};
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgPool;

/// A queue item with its session, in upstream's shape.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "SessionQueueItem")]
#[expect(missing_docs, reason = "the names are the wire's")]
pub struct QueueItem {
    pub item_id: i64,
    pub status: String,
    pub status_sequence: Option<i64>,
    pub priority: i32,
    pub batch_id: String,
    pub origin: Option<String>,
    pub destination: Option<String>,
    pub session_id: String,
    pub error_type: Option<String>,
    pub error_message: Option<String>,
    pub error_traceback: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    pub started_at: Option<String>,
    pub completed_at: Option<String>,
    pub queue_id: String,
    pub user_id: String,
    pub user_display_name: Option<String>,
    pub user_email: Option<String>,
    pub field_values: Option<Value>,
    pub retried_from_item_id: Option<i64>,
    pub device: Option<String>,
    pub workflow_call_id: Option<String>,
    pub parent_item_id: Option<i64>,
    pub parent_session_id: Option<String>,
    pub root_item_id: Option<i64>,
    pub workflow_call_depth: Option<i32>,
    pub session: Value,
    pub workflow: Option<Value>,
}

/// What a row of the queue list needs, in upstream's shape.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "SessionQueueItemSummary")]
#[expect(missing_docs, reason = "the names are the wire's")]
pub struct ItemSummary {
    pub item_id: i64,
    pub created_at: String,
    pub status: String,
    pub device: Option<String>,
    pub started_at: Option<String>,
    pub completed_at: Option<String>,
    pub origin: Option<String>,
    pub destination: Option<String>,
    pub batch_id: String,
    pub user_id: String,
    pub user_display_name: Option<String>,
    pub user_email: Option<String>,
    pub field_values: Option<Value>,
    pub parent_item_id: Option<i64>,
}

struct Row {
    item_id: i64,
    status: String,
    status_sequence: i64,
    priority: i32,
    batch_id: String,
    origin: Option<String>,
    destination: Option<String>,
    session_id: String,
    error_type: Option<String>,
    error_message: Option<String>,
    error_traceback: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    queue_id: String,
    user_id: String,
    user_display_name: Option<String>,
    user_email: Option<String>,
    field_values: Option<Value>,
    retried_from_item_id: Option<i64>,
    device: Option<String>,
    session: Value,
    workflow: Option<Value>,
}

/// The session that stands for one that may not be seen.
fn redacted_session() -> Value {
    let graph = json!({ "id": "redacted", "nodes": {}, "edges": [] });
    json!({
        "id": "redacted", "graph": graph, "execution_graph": graph, "executed": [], "executed_history": [],
        "results": {}, "errors": {}, "prepared_source_mapping": {}, "source_prepared_mapping": {},
    })
}

impl Row {
    fn seen_by(self, viewer: &CurrentUser) -> QueueItem {
        let visible = viewer.may_manage(&self.user_id);
        let text = |value: String| if visible { value } else { "redacted".to_owned() };
        QueueItem {
            item_id: self.item_id,
            status: self.status,
            status_sequence: Some(self.status_sequence),
            priority: if visible { self.priority } else { 0 },
            batch_id: text(self.batch_id),
            origin: self.origin.filter(|_| visible),
            destination: self.destination.filter(|_| visible),
            session_id: text(self.session_id),
            error_type: self.error_type.filter(|_| visible),
            error_message: self.error_message.filter(|_| visible),
            error_traceback: self.error_traceback.filter(|_| visible),
            created_at: wire_time(self.created_at),
            updated_at: wire_time(self.updated_at),
            started_at: self.started_at.map(wire_time),
            completed_at: self.completed_at.map(wire_time),
            queue_id: self.queue_id,
            user_id: text(self.user_id),
            user_display_name: self.user_display_name.filter(|_| visible),
            user_email: self.user_email.filter(|_| visible),
            field_values: self.field_values.filter(|_| visible),
            retried_from_item_id: self.retried_from_item_id.filter(|_| visible),
            device: self.device,
            workflow_call_id: None,
            parent_item_id: None,
            parent_session_id: None,
            root_item_id: None,
            workflow_call_depth: None,
            session: if visible { self.session } else { redacted_session() },
            workflow: self.workflow.filter(|_| visible),
        }
    }
}

/// Which items a read means; absent parts do not restrict.
#[derive(Default)]
struct Filter<'a> {
    queue_id: Option<&'a str>,
    item_ids: Option<&'a [i64]>,
    destination: Option<&'a str>,
    status: Option<&'a str>,
    limit: Option<i64>,
}

async fn read(pool: &PgPool, viewer: &CurrentUser, filter: Filter<'_>) -> Result<Vec<QueueItem>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select q.item_id, q.status, q.status_sequence, q.priority, q.batch_id, q.origin, q.destination,
            q.session_id, q.error_type, q.error_message, q.error_traceback, q.created_at, q.updated_at,
            q.started_at, q.completed_at, q.queue_id, q.user_id, u.display_name as "user_display_name?",
            u.email as "user_email?", s.field_values as "field_values?", q.retried_from_item_id, q.device,
            s.session as "session!", s.workflow as "workflow?"
        from queue_items q join queue_sessions s using (item_id) left join users u on u.user_id = q.user_id
        where ($1::text is null or q.queue_id = $1) and ($2::bigint[] is null or q.item_id = any($2))
            and ($3::text is null or q.destination = $3) and ($4::text is null or q.status = $4)
        order by q.priority desc, q.item_id limit $5"#,
        filter.queue_id,
        filter.item_ids,
        filter.destination,
        filter.status,
        filter.limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| row.seen_by(viewer)).collect())
}

/// One item of a queue.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn get(pool: &PgPool, viewer: &CurrentUser, queue_id: &str, item_id: i64) -> Result<QueueItem> {
    let filter = Filter { queue_id: Some(queue_id), item_ids: Some(&[item_id]), ..Filter::default() };
    read(pool, viewer, filter).await?.pop().ok_or(crate::Error::NotFound)
}

/// The items that exist among `item_ids`, in that order.
pub async fn get_many(
    pool: &PgPool,
    viewer: &CurrentUser,
    queue_id: &str,
    item_ids: &[i64],
) -> Result<Vec<QueueItem>> {
    let filter = Filter { queue_id: Some(queue_id), item_ids: Some(item_ids), ..Filter::default() };
    let found = read(pool, viewer, filter).await?;
    Ok(item_ids.iter().filter_map(|id| found.iter().find(|item| item.item_id == *id).cloned()).collect())
}

/// All items, those that run first at the top.
pub async fn list_all(
    pool: &PgPool,
    viewer: &CurrentUser,
    queue_id: &str,
    destination: Option<&str>,
) -> Result<Vec<QueueItem>> {
    read(pool, viewer, Filter { queue_id: Some(queue_id), destination, ..Filter::default() }).await
}

/// An item that runs now.
pub async fn current(pool: &PgPool, viewer: &CurrentUser, queue_id: &str) -> Result<Option<QueueItem>> {
    first(pool, viewer, queue_id, "in_progress").await
}

/// The item with the highest claim to be next.
pub async fn next(pool: &PgPool, viewer: &CurrentUser, queue_id: &str) -> Result<Option<QueueItem>> {
    first(pool, viewer, queue_id, "pending").await
}

async fn first(
    pool: &PgPool,
    viewer: &CurrentUser,
    queue_id: &str,
    status: &str,
) -> Result<Option<QueueItem>> {
    let filter =
        Filter { queue_id: Some(queue_id), status: Some(status), limit: Some(1), ..Filter::default() };
    Ok(read(pool, viewer, filter).await?.pop())
}

/// The ids of all items by age. Ids tell nothing, so everybody may have them.
pub async fn item_ids(
    pool: &PgPool,
    _viewer: &CurrentUser,
    queue_id: &str,
    ascending: bool,
) -> Result<Vec<i64>> {
    let mut ids =
        sqlx::query_scalar!("select item_id from queue_items where queue_id = $1 order by item_id", queue_id)
            .fetch_all(pool)
            .await?;
    if !ascending {
        ids.reverse();
    }
    Ok(ids)
}

/// What the queue list shows of `item_ids`, in that order.
pub async fn summaries(
    pool: &PgPool,
    viewer: &CurrentUser,
    queue_id: &str,
    item_ids: &[i64],
) -> Result<Vec<ItemSummary>> {
    let rows = sqlx::query!(
        r#"select q.item_id, q.created_at, q.status, q.device, q.started_at, q.completed_at, q.origin, q.destination,
            q.batch_id, q.user_id, u.display_name as "user_display_name?", u.email as "user_email?",
            s.field_values as "field_values?"
        from queue_items q join queue_sessions s using (item_id) left join users u on u.user_id = q.user_id
        join unnest($2::bigint[]) with ordinality as wanted (item_id, place) on wanted.item_id = q.item_id
        where q.queue_id = $1 order by wanted.place"#,
        queue_id,
        item_ids,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let visible = viewer.may_manage(&row.user_id);
            let text = |value: String| if visible { value } else { "redacted".to_owned() };
            ItemSummary {
                item_id: row.item_id,
                created_at: wire_time(row.created_at),
                status: row.status,
                device: row.device,
                started_at: row.started_at.map(wire_time),
                completed_at: row.completed_at.map(wire_time),
                origin: row.origin.filter(|_| visible),
                destination: row.destination.filter(|_| visible),
                batch_id: text(row.batch_id),
                user_id: text(row.user_id),
                user_display_name: row.user_display_name.filter(|_| visible),
                user_email: row.user_email.filter(|_| visible),
                field_values: row.field_values.filter(|_| visible),
                parent_item_id: None,
            }
        })
        .collect())
}
