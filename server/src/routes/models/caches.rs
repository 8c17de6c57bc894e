//! The models that workers have loaded.
use crate::{error::Error, session::Admin, state::AppState};
use axum::{Json, extract::State};
use store::caches;

/// Asks every worker to drop its models; those that a node works with stay until it is done.
pub(super) async fn empty(State(state): State<AppState>, Admin(user): Admin) -> Result<Json<()>, Error> {
    Ok(Json(caches::clear_model_caches(&state.pool, &user).await?))
}
