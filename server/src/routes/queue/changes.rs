//! Cancel, delete, clear, prune: one's own items, or everybody's for an administrator.
use super::items::not_in_queue;
use crate::{
    error::{Error, Result},
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::queue::{self, QueueItem, Selection};

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct BatchIds {
    batch_ids: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Destination {
    destination: String,
}

/// How many were canceled.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CancelResult")]
pub(super) struct Canceled {
    canceled: usize,
}

/// How many were deleted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DeleteResult")]
pub(super) struct Deleted {
    deleted: u64,
}

pub(super) async fn cancel(
    State(state): State<AppState>,
    User(user): User,
    Path((queue_id, item_id)): Path<(String, i64)>,
) -> Result<Json<QueueItem>> {
    queue::cancel_item(&state.pool, &user, &queue_id, item_id).await.map_err(|error| match error {
        store::Error::Forbidden => Error::forbidden("You do not have permission to cancel this queue item"),
        other => not_in_queue(other, &queue_id, item_id),
    })?;
    let item = queue::get(&state.pool, &user, &queue_id, item_id).await;
    Ok(Json(item.map_err(|error| not_in_queue(error, &queue_id, item_id))?))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Path((queue_id, item_id)): Path<(String, i64)>,
) -> Result<Json<()>> {
    queue::delete_item(&state.pool, &user, &queue_id, item_id).await.map_err(|error| match error {
        store::Error::Forbidden => Error::forbidden("You do not have permission to delete this queue item"),
        other => not_in_queue(other, &queue_id, item_id),
    })?;
    Ok(Json(()))
}

pub(super) async fn cancel_all_except_current(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
) -> Result<Json<Canceled>> {
    let canceled = queue::cancel_all_except_current(&state.pool, &user, &queue_id).await?;
    Ok(Json(Canceled { canceled }))
}

pub(super) async fn delete_all_except_current(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
) -> Result<Json<Deleted>> {
    let deleted = queue::delete_all_except_current(&state.pool, &user, &queue_id).await?;
    Ok(Json(Deleted { deleted: deleted as u64 }))
}

pub(super) async fn cancel_by_batch_ids(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Json(wanted): Json<BatchIds>,
) -> Result<Json<Canceled>> {
    let selection = Selection { batch_ids: Some(&wanted.batch_ids), destination: None };
    let canceled = queue::cancel_matching(&state.pool, &user, &queue_id, selection).await?;
    Ok(Json(Canceled { canceled }))
}

pub(super) async fn cancel_by_destination(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Query(wanted): Query<Destination>,
) -> Result<Json<Canceled>> {
    let selection = Selection { batch_ids: None, destination: Some(&wanted.destination) };
    let canceled = queue::cancel_matching(&state.pool, &user, &queue_id, selection).await?;
    Ok(Json(Canceled { canceled }))
}

pub(super) async fn clear(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
) -> Result<Json<Deleted>> {
    Ok(Json(Deleted { deleted: queue::clear(&state.pool, &user, &queue_id).await? }))
}

pub(super) async fn prune(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
) -> Result<Json<Deleted>> {
    Ok(Json(Deleted { deleted: queue::prune(&state.pool, &user, &queue_id).await? }))
}

pub(super) async fn delete_by_destination(
    State(state): State<AppState>,
    User(user): User,
    Path((queue_id, destination)): Path<(String, String)>,
) -> Result<Json<Deleted>> {
    let deleted = queue::delete_by_destination(&state.pool, &user, &queue_id, &destination).await?;
    Ok(Json(Deleted { deleted: deleted as u64 }))
}
