//! Numbers, pause and resume.
use crate::{
    error::Result,
    session::{Admin, User},
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use domain::account::CurrentUser;
use serde::Deserialize;
use serde_json::{Value, json};
use store::queue::{self, BatchStatus, DestinationCounts};

#[derive(Debug, Deserialize)]
pub(super) struct Destination {
    destination: String,
}

async fn processor(state: &AppState, user: &CurrentUser, queue_id: &str) -> Result<Value> {
    let paused = queue::is_paused(&state.pool).await?;
    let queue = queue::queue_status(&state.pool, user, queue_id).await?;
    Ok(json!({ "is_started": !paused, "is_processing": queue.is_processing() }))
}

pub(super) async fn status(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
) -> Result<Json<Value>> {
    let paused = queue::is_paused(&state.pool).await?;
    let queue = queue::queue_status(&state.pool, &user, &queue_id).await?;
    let processor = json!({ "is_started": !paused, "is_processing": queue.is_processing() });
    Ok(Json(json!({ "queue": queue, "processor": processor })))
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
) -> Result<Json<Value>> {
    queue::set_paused(&state.pool, &user, true).await?;
    Ok(Json(processor(&state, &user, &queue_id).await?))
}

pub(super) async fn resume(
    State(state): State<AppState>,
    Admin(user): Admin,
    Path(queue_id): Path<String>,
) -> Result<Json<Value>> {
    queue::set_paused(&state.pool, &user, false).await?;
    Ok(Json(processor(&state, &user, &queue_id).await?))
}
