//! Which models belong together.
use crate::{
    access::{Access, Endpoints},
    error::Error,
    request::Body,
    session::Admin,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::model_relationships;

/// The routes of this resource.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .post("/api/v1/model_relationships/", Access::Admin, add)
        .delete("/api/v1/model_relationships/", Access::Admin, remove)
        .post("/api/v1/model_relationships/batch", Access::User, related_to_any)
        .get("/api/v1/model_relationships/i/{model_key}", Access::User, related)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Pair {
    model_key_1: String,
    model_key_2: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Keys {
    model_keys: Vec<String>,
}

async fn add(
    State(state): State<AppState>,
    Admin(_): Admin,
    Body(pair): Body<Pair>,
) -> Result<StatusCode, Error> {
    if pair.model_key_1 == pair.model_key_2 {
        return Err(Error::bad_request("Cannot relate a model to itself."));
    }
    model_relationships::insert(&state.pool, &pair.model_key_1, &pair.model_key_2).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    State(state): State<AppState>,
    Admin(_): Admin,
    Body(pair): Body<Pair>,
) -> Result<StatusCode, Error> {
    if pair.model_key_1 == pair.model_key_2 {
        return Err(Error::bad_request("Cannot unlink a model from itself."));
    }
    model_relationships::delete(&state.pool, &pair.model_key_1, &pair.model_key_2).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn related(State(state): State<AppState>, Path(key): Path<String>) -> Result<Json<Vec<String>>, Error> {
    Ok(Json(model_relationships::related(&state.pool, &[key]).await?))
}

async fn related_to_any(
    State(state): State<AppState>,
    Body(keys): Body<Keys>,
) -> Result<Json<Vec<String>>, Error> {
    Ok(Json(model_relationships::related(&state.pool, &keys.model_keys).await?))
}
