//! One image's record.
use super::{
    dto::{ImageDto, image_url, thumbnail_url},
    query::Body,
};
use crate::{
    error::Error,
    session::{Admin, User},
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::account::CurrentUser;
use serde_json::{Value, json};
use store::images::{Access, Image, ImageChanges};

/// An image that the asker may see, or upstream's answer for the others.
pub(in crate::routes) async fn readable(state: &AppState, user: &CurrentUser, name: &str) -> Result<Image, Error> {
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
        store::Error::NotFound | store::Error::Forbidden => Error::forbidden("Not authorized to modify this image"),
        other => other.into(),
    }
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
    let image = store::images::update(&state.pool, &user, &name, &changes).await.map_err(|error| refuse(&user, error))?;
    Ok(Json(image.into()))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
) -> Result<Json<Value>, Error> {
    let image = store::images::delete(&state.pool, &user, &name).await.map_err(|error| refuse(&user, error))?;
    state.files.delete(&name).await?;
    let board = image.board_id.unwrap_or_else(|| "none".to_owned());
    Ok(Json(json!({"affected_boards": [board], "deleted_images": [name], "failed_images": []})))
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
) -> Result<Json<Value>, Error> {
    readable(&state, &user, &name).await?;
    let (workflow, graph) = store::images::sources(&state.pool, &user, &name).await?;
    Ok(Json(json!({"workflow": workflow, "graph": graph})))
}

pub(super) async fn urls(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
) -> Result<Json<Value>, Error> {
    readable(&state, &user, &name).await?;
    Ok(Json(json!({"image_name": name, "image_url": image_url(&name), "thumbnail_url": thumbnail_url(&name)})))
}

/// Images are never moved between folders here: nothing runs and nothing waits.
pub(super) async fn moves(Admin(_): Admin) -> Json<Value> {
    Json(json!({"is_running": false, "operation": null, "active_job_id": null, "latest_job": null,
        "last_error": null, "needs_move_count": 0}))
}
