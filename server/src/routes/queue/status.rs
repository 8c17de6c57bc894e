//! Numbers, pause and resume.
use crate::{
    error::{Error, Result},
    session::{Admin, User},
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::queue::{self, BatchStatus, DestinationCounts, Look, QueueStatus, Seen};

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Destination {
    destination: String,
}

/// Whether workers take items, and whether any runs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionProcessorStatus")]
pub(super) struct Processor {
    is_started: bool,
    is_processing: bool,
}

/// A queue and its workers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionQueueAndProcessorStatus")]
pub(super) struct Both {
    queue: QueueStatus,
    processor: Processor,
}

async fn both(state: &AppState, user: &CurrentUser, queue_id: &str) -> Result<Both> {
    let look = Look { queue_id: queue_id.to_owned(), viewer: user.clone() };
    let Some(Seen { queue, is_paused }) = state.readers.queues.get(look).await? else {
        return Err(Error::internal("a queue without a state"));
    };
    let processor = Processor { is_started: !is_paused, is_processing: queue.is_processing() };
    Ok(Both { processor, queue })
}

pub(super) async fn status(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
) -> Result<Json<Both>> {
    Ok(Json(both(&state, &user, &queue_id).await?))
}

pub(super) async fn batch(
    State(state): State<AppState>,
    User(user): User,
    Path((queue_id, batch_id)): Path<(String, String)>,
) -> Result<Json<BatchStatus>> {
    Ok(Json(queue::batch_status(&state.pool, &user, &queue_id, &batch_id).await?))
}

pub(super) async fn counts_by_destination(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Query(wanted): Query<Destination>,
) -> Result<Json<DestinationCounts>> {
    Ok(Json(queue::destination_counts(&state.pool, &user, &queue_id, &wanted.destination).await?))
}

pub(super) async fn pause(
    State(state): State<AppState>,
    Admin(user): Admin,
    Path(queue_id): Path<String>,
) -> Result<Json<Processor>> {
    queue::set_paused(&state.pool, &user, true).await?;
    Ok(Json(both(&state, &user, &queue_id).await?.processor))
}

pub(super) async fn resume(
    State(state): State<AppState>,
    Admin(user): Admin,
    Path(queue_id): Path<String>,
) -> Result<Json<Processor>> {
    queue::set_paused(&state.pool, &user, false).await?;
    Ok(Json(both(&state, &user, &queue_id).await?.processor))
}
