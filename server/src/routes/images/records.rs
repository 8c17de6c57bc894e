//! One image's record.
use super::dto::{ImageDto, image_url, thumbnail_url};
use crate::{
    error::Error,
    openapi::describe::Accepted,
    request::Body,
    session::{Admin, User},
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::account::CurrentUser;
use indexmap::IndexSet;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use store::images::{Access, Image, ImageChanges};

/// An image that the asker may see, or upstream's answer for the others.
pub(in crate::routes) async fn readable(
    state: &AppState,
    user: &CurrentUser,
    name: &str,
) -> Result<Image, Error> {
    store::images::get(&state.pool, user, name, Access::Read).await.map_err(|error| match error {
        store::Error::NotFound if user.is_admin => Error::not_found("Not Found"),
        store::Error::NotFound => Error::not_found("Image not found"),
        store::Error::Forbidden => Error::forbidden("Not authorized to access this image"),
        other => other.into(),
    })
}

/// Upstream's answer when an image may not be changed: one that is gone looks like someone else's.
fn refuse(user: &CurrentUser, error: store::Error) -> Error {
    match error {
        store::Error::NotFound if user.is_admin => Error::not_found("Image not found"),
        store::Error::NotFound | store::Error::Forbidden => {
            Error::forbidden("Not authorized to modify this image")
        }
        other => other.into(),
    }
}

/// What a deletion did.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DeleteImagesResult")]
pub(super) struct Deleted {
    #[schemars(with = "Vec<String>")]
    pub(super) affected_boards: IndexSet<String>,
    pub(super) deleted_images: Vec<String>,
    pub(super) failed_images: Vec<String>,
}

/// The editor's workflow and the graph of an image, JSON as text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WorkflowAndGraphResponse")]
pub(super) struct Sources {
    workflow: Option<String>,
    graph: Option<String>,
}

/// Where an image's files are.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImageUrlsDTO")]
pub(super) struct Urls {
    image_name: String,
    image_url: String,
    thumbnail_url: String,
}

/// The state of moves between folders.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "ImageMoveStatusResponse")]
pub(super) struct Moves {
    is_running: bool,
    operation: Option<String>,
    active_job_id: Option<i64>,
    latest_job: Option<Value>,
    last_error: Option<String>,
    needs_move_count: i64,
}

pub(super) async fn get(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
) -> Result<Json<ImageDto>, Error> {
    Ok(Json(readable(&state, &user, &name).await?.into()))
}

pub(super) async fn update(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
    Body(changes): Body<ImageChanges>,
) -> Result<Json<ImageDto>, Error> {
    let image = store::images::update(&state.pool, &user, &name, &changes)
        .await
        .map_err(|error| refuse(&user, error))?;
    Ok(Json(image.into()))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
) -> Result<Json<Deleted>, Error> {
    let image =
        store::images::delete(&state.pool, &user, &name).await.map_err(|error| refuse(&user, error))?;
    state.files.delete(&name).await?;
    let board = image.board_id.unwrap_or_else(|| "none".to_owned());
    let affected_boards = IndexSet::from([board]);
    Ok(Json(Deleted { affected_boards, deleted_images: vec![name], failed_images: Vec::new() }))
}

pub(super) async fn metadata(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
) -> Result<Json<Option<Value>>, Error> {
    readable(&state, &user, &name).await?;
    let text = store::images::metadata(&state.pool, &user, &name).await?;
    Ok(Json(text.and_then(|text| serde_json::from_str(&text).ok())))
}

pub(super) async fn workflow(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
) -> Result<Json<Sources>, Error> {
    readable(&state, &user, &name).await?;
    let (workflow, graph) = store::images::sources(&state.pool, &user, &name).await?;
    Ok(Json(Sources { workflow, graph }))
}

pub(super) async fn urls(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
) -> Result<Json<Urls>, Error> {
    readable(&state, &user, &name).await?;
    Ok(Json(Urls { image_url: image_url(&name), thumbnail_url: thumbnail_url(&name), image_name: name }))
}

/// Images are never moved between folders here: nothing runs and nothing waits.
pub(super) async fn moves(Admin(_): Admin) -> Json<Moves> {
    Json(Moves::default())
}

/// All images are where they belong, so a move ends as it starts.
pub(super) async fn move_all(Admin(_): Admin) -> Accepted<Moves> {
    Accepted(Moves::default())
}
