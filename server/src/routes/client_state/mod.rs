//! `/api/v1/client_state`: what the UI remembers for each account. The queue id in the path is not used.
mod first_parameters;

use crate::{
    access::{Access, Endpoints},
    error::{Error, Result},
    openapi::describe::{Input, Operation},
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{DefaultBodyLimit, FromRequest, Query, Request, State},
    http::{StatusCode, header},
};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;

/// The largest text that is kept.
const LARGEST: usize = 32 << 20;

/// The routes.
pub fn endpoints() -> Endpoints {
    const BASE: &str = "/api/v1/client_state/{queue_id}";
    Endpoints::new()
        .get(&format!("{BASE}/get_by_key"), Access::User, get)
        .get(&format!("{BASE}/get_keys_by_prefix"), Access::User, keys)
        .post(&format!("{BASE}/set_by_key"), Access::User, set)
        .post(&format!("{BASE}/delete_by_key"), Access::User, delete)
        .post(&format!("{BASE}/delete"), Access::User, delete_all)
        .map(|router| router.layer(DefaultBodyLimit::max(LARGEST)))
}

#[derive(Deserialize, JsonSchema)]
struct Key {
    key: String,
}

#[derive(Deserialize, JsonSchema)]
struct Prefix {
    prefix: String,
}

async fn get(
    State(state): State<AppState>,
    User(user): User,
    Query(at): Query<Key>,
) -> Result<Json<Option<String>>> {
    let kept = store::client_state::get(&state.pool, &user, &at.key).await?;
    if kept.is_none() && at.key == first_parameters::KEY {
        return Ok(Json(first_parameters::of_a_new_account(&state).await?));
    }
    Ok(Json(kept))
}

async fn keys(
    State(state): State<AppState>,
    User(user): User,
    Query(at): Query<Prefix>,
) -> Result<Json<Vec<String>>> {
    Ok(Json(store::client_state::keys_with_prefix(&state.pool, &user, &at.prefix).await?))
}

/// A text in a body: JSON when it is said to be, else the body itself, as the stock UI sends it.
struct Text(String);

impl<S: Send + Sync> FromRequest<S> for Text {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if kind.is_some_and(|kind| kind.starts_with("application/json")) {
            let Json(text) = Json::from_request(request, state)
                .await
                .map_err(|error| Error::unprocessable(error.body_text()))?;
            return Ok(Self(text));
        }
        let text = String::from_request(request, state)
            .await
            .map_err(|error| Error::unprocessable(error.body_text()))?;
        if text.is_empty() { Err(Error::unprocessable("Field required")) } else { Ok(Self(text)) }
    }
}

impl Input for Text {
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator) {
        <Json<String> as Input>::describe(operation, generator);
    }
}

async fn set(
    State(state): State<AppState>,
    User(user): User,
    Query(at): Query<Key>,
    Text(value): Text,
) -> Result<Json<String>> {
    store::client_state::set(&state.pool, &user, &at.key, &value).await?;
    Ok(Json(value))
}

async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Query(at): Query<Key>,
) -> Result<StatusCode> {
    store::client_state::delete(&state.pool, &user, &at.key).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete_all(State(state): State<AppState>, User(user): User) -> Result<StatusCode> {
    store::client_state::delete_all(&state.pool, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}
