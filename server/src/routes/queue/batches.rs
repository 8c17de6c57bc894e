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
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::queue;

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct EnqueueBody {
    batch: Value,
    #[serde(default)]
    prepend: bool,
}

/// What was enqueued.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EnqueueBatchResult")]
pub(super) struct Enqueued {
    queue_id: String,
    enqueued: usize,
    requested: u64,
    #[schemars(with = "Value")]
    batch: Batch,
    priority: i32,
    item_ids: Vec<i64>,
}

/// What is tried again.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RetryItemsResult")]
pub(super) struct Retried {
    queue_id: String,
    retried_item_ids: Vec<i64>,
}

pub(super) async fn enqueue(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Json(body): Json<EnqueueBody>,
) -> Result<Json<Enqueued>> {
    let batch = Batch::parse(body.batch, &state.node_schemas)
        .map_err(|problem| Error::Refused(StatusCode::UNPROCESSABLE_ENTITY, problem.detail()))?;
    let enqueued =
        queue::enqueue(&state.pool, &user, &queue_id, &batch, body.prepend, state.config.max_queue_size)
            .await?;
    Ok(Json(Enqueued {
        queue_id,
        enqueued: enqueued.item_ids.len(),
        requested: enqueued.requested,
        batch,
        priority: enqueued.priority,
        item_ids: enqueued.item_ids,
    }))
}

pub(super) async fn retry(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Json(item_ids): Json<Vec<i64>>,
) -> Result<Json<Retried>> {
    let retried = queue::retry(&state.pool, &user, &queue_id, &item_ids, state.config.max_queue_size)
        .await
        .map_err(|error| match error {
        store::Error::NotFound => Error::not_found(format!("Queue item not found in queue {queue_id}")),
        store::Error::Forbidden => Error::forbidden("You do not have permission to retry queue item"),
        other => other.into(),
    })?;
    Ok(Json(Retried { queue_id, retried_item_ids: retried }))
}
