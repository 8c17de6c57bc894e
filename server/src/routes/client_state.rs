//! `/api/v1/client_state`: what the UI remembers for each account. The queue id in the path is not used.
use crate::{
    access::{Access, Endpoints},
    error::Result,
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use serde::Deserialize;

/// The routes.
pub fn endpoints() -> Endpoints {
    const BASE: &str = "/api/v1/client_state/{queue_id}";
    Endpoints::new()
        .get(&format!("{BASE}/get_by_key"), Access::User, get)
        .get(&format!("{BASE}/get_keys_by_prefix"), Access::User, keys)
        .post(&format!("{BASE}/set_by_key"), Access::User, set)
        .post(&format!("{BASE}/delete_by_key"), Access::User, delete)
        .post(&format!("{BASE}/delete"), Access::User, delete_all)
}

#[derive(Deserialize)]
struct Key {
    key: String,
}

#[derive(Deserialize)]
struct Prefix {
    prefix: String,
}

async fn get(State(state): State<AppState>, User(user): User, Query(at): Query<Key>) -> Result<Json<Option<String>>> {
    Ok(Json(store::client_state::get(&state.pool, &user, &at.key).await?))
}

async fn keys(State(state): State<AppState>, User(user): User, Query(at): Query<Prefix>) -> Result<Json<Vec<String>>> {
    Ok(Json(store::client_state::keys_with_prefix(&state.pool, &user, &at.prefix).await?))
}

async fn set(
    State(state): State<AppState>,
    User(user): User,
    Query(at): Query<Key>,
    Json(value): Json<String>,
) -> Result<Json<String>> {
    store::client_state::set(&state.pool, &user, &at.key, &value).await?;
    Ok(Json(value))
}

async fn delete(State(state): State<AppState>, User(user): User, Query(at): Query<Key>) -> Result<StatusCode> {
    store::client_state::delete(&state.pool, &user, &at.key).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete_all(State(state): State<AppState>, User(user): User) -> Result<StatusCode> {
    store::client_state::delete_all(&state.pool, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}
