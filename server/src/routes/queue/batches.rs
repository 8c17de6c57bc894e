//! Enqueue, retry.
use crate::{
    error::{Error, Result},
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::batch::Batch;
use serde::Deserialize;
use serde_json::{Value, json};
use store::queue;

#[derive(Debug, Deserialize)]
pub(super) struct EnqueueBody {
    batch: Value,
    #[serde(default)]
    prepend: bool,
}

pub(super) async fn enqueue(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Json(body): Json<EnqueueBody>,
) -> Result<Json<Value>> {
    let batch = Batch::parse(body.batch, &state.node_schemas)
        .map_err(|problem| Error::Refused(StatusCode::UNPROCESSABLE_ENTITY, problem.detail()))?;
    let enqueued =
        queue::enqueue(&state.pool, &user, &queue_id, &batch, body.prepend, state.config.max_queue_size).await?;
    Ok(Json(json!({
        "queue_id": queue_id,
        "enqueued": enqueued.item_ids.len(),
        "requested": enqueued.requested,
        "batch": batch,
        "priority": enqueued.priority,
        "item_ids": enqueued.item_ids,
    })))
}

pub(super) async fn retry(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Json(item_ids): Json<Vec<i64>>,
) -> Result<Json<Value>> {
    let retried = queue::retry(&state.pool, &user, &queue_id, &item_ids, state.config.max_queue_size)
        .await
        .map_err(|error| match error {
            store::Error::NotFound => Error::not_found(format!("Queue item not found in queue {queue_id}")),
            store::Error::Forbidden => Error::forbidden("You do not have permission to retry queue item"),
            other => other.into(),
        })?;
    Ok(Json(json!({ "queue_id": queue_id, "retried_item_ids": retried })))
}
