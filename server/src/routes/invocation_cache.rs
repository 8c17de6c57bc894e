//! `/api/v1/app/invocation_cache`: the caches of node outputs of all workers, as one.
use crate::{
    access::{Access, Endpoints},
    error::Result,
    session::Admin,
    state::AppState,
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Serialize;
use store::caches;

/// The routes.
pub(crate) fn endpoints() -> Endpoints {
    const BASE: &str = "/api/v1/app/invocation_cache";
    let at = |path: &str| format!("{BASE}{path}");
    Endpoints::new()
        .delete(BASE, Access::Admin, clear)
        .put(&at("/enable"), Access::Admin, enable)
        .put(&at("/disable"), Access::Admin, disable)
        .get(&at("/status"), Access::Admin, status)
}

/// What the caches of all workers hold together.
#[derive(Debug, Serialize, JsonSchema)]
struct InvocationCacheStatus {
    size: i64,
    hits: i64,
    misses: i64,
    enabled: bool,
    max_size: i64,
}

async fn status(State(state): State<AppState>, Admin(_): Admin) -> Result<Json<InvocationCacheStatus>> {
    let control = caches::control(&state.pool).await?;
    let total = caches::total(&state.pool).await?;
    Ok(Json(InvocationCacheStatus {
        size: total.entries,
        hits: total.hits,
        misses: total.misses,
        enabled: control.node_cache_enabled,
        max_size: total.max_entries,
    }))
}

async fn enable(State(state): State<AppState>, Admin(user): Admin) -> Result<Json<()>> {
    Ok(Json(caches::set_node_cache_enabled(&state.pool, &user, true).await?))
}

async fn disable(State(state): State<AppState>, Admin(user): Admin) -> Result<Json<()>> {
    Ok(Json(caches::set_node_cache_enabled(&state.pool, &user, false).await?))
}

async fn clear(State(state): State<AppState>, Admin(user): Admin) -> Result<Json<()>> {
    Ok(Json(caches::clear_node_caches(&state.pool, &user).await?))
}
