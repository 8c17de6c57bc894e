//! System prompts.
use crate::{
    access::{Access, Endpoints},
    error::Error,
    request::Body,
    routes::images::dto::moment,
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::system_prompts::{self, SystemPrompt};

/// The routes of this resource.
pub(super) fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/api/v1/system_prompts/", Access::User, list)
        .post("/api/v1/system_prompts/", Access::User, create)
        .get("/api/v1/system_prompts/i/{system_prompt_id}", Access::User, get)
        .patch("/api/v1/system_prompts/i/{system_prompt_id}", Access::User, update)
        .delete("/api/v1/system_prompts/i/{system_prompt_id}", Access::User, delete)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct New {
    name: String,
    content: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Changes {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    is_public: Option<bool>,
}

/// A system prompt as the wire shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SystemPromptRecordDTO")]
struct PromptDto {
    name: String,
    content: String,
    id: String,
    user_id: String,
    is_public: bool,
    created_at: String,
    updated_at: String,
}

impl From<SystemPrompt> for PromptDto {
    fn from(prompt: SystemPrompt) -> Self {
        Self {
            name: prompt.name,
            content: prompt.content,
            id: prompt.id,
            user_id: prompt.user_id,
            is_public: prompt.is_public,
            created_at: moment(prompt.created_at),
            updated_at: moment(prompt.updated_at),
        }
    }
}

fn refuse(verb: &str) -> impl Fn(store::Error) -> Error {
    move |error| match error {
        store::Error::NotFound => Error::not_found("System prompt not found"),
        store::Error::Forbidden => Error::forbidden(format!("Not authorized to {verb} this system prompt")),
        other => other.into(),
    }
}

async fn list(State(state): State<AppState>, User(user): User) -> Result<Json<Vec<PromptDto>>, Error> {
    Ok(Json(system_prompts::list(&state.pool, &user).await?.into_iter().map(PromptDto::from).collect()))
}

async fn create(
    State(state): State<AppState>,
    User(user): User,
    Body(new): Body<New>,
) -> Result<Json<PromptDto>, Error> {
    Ok(Json(system_prompts::insert(&state.pool, &user, &new.name, &new.content).await?.into()))
}

async fn get(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Json<PromptDto>, Error> {
    Ok(Json(system_prompts::get(&state.pool, &user, &id).await.map_err(refuse("access"))?.into()))
}

async fn update(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
    Body(changes): Body<Changes>,
) -> Result<Json<PromptDto>, Error> {
    let (name, content) = (changes.name.as_deref(), changes.content.as_deref());
    let updated = system_prompts::update(&state.pool, &user, &id, name, content, changes.is_public)
        .await
        .map_err(refuse("modify"))?;
    Ok(Json(updated.into()))
}

async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Json<()>, Error> {
    system_prompts::delete(&state.pool, &user, &id).await.map_err(refuse("modify"))?;
    Ok(Json(()))
}
