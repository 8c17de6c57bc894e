//! Changes to many images at once: what is not the asker's is skipped, not refused.
use super::{listing::Names, query::Body};
use crate::{error::Error, session::User, state::AppState};
use axum::{Json, extract::State};
use domain::account::CurrentUser;
use indexmap::IndexSet;
use serde_json::{Value, json};
use store::{gallery, images::ImageChanges};

pub(super) async fn count_intermediates(State(state): State<AppState>, User(user): User) -> Result<Json<i64>, Error> {
    Ok(Json(store::images::intermediates(&state.pool, &user).await?))
}

pub(super) async fn clear_intermediates(State(state): State<AppState>, User(user): User) -> Result<Json<usize>, Error> {
    let names = store::images::delete_intermediates(&state.pool, &user).await.map_err(|error| match error {
        store::Error::Forbidden => Error::forbidden("Only admins can clear all intermediates"),
        other => other.into(),
    })?;
    for name in &names {
        state.files.delete(name).await?;
    }
    Ok(Json(names.len()))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Body(names): Body<Names>,
) -> Result<Json<Value>, Error> {
    delete_each(&state, &user, names.distinct()?).await
}

pub(super) async fn delete_uncategorized(
    State(state): State<AppState>,
    User(user): User,
) -> Result<Json<Value>, Error> {
    let filter = gallery::Filter { board_id: Some("none".to_owned()), ..gallery::Filter::default() };
    let order = gallery::Order { starred_first: false, ascending: true };
    let (names, _) = gallery::names(&state.pool, &user, &filter, order).await?;
    delete_each(&state, &user, names).await
}

async fn delete_each(state: &AppState, user: &CurrentUser, names: Vec<String>) -> Result<Json<Value>, Error> {
    let mut boards = IndexSet::new();
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for name in names {
        match store::images::delete(&state.pool, user, &name).await {
            Ok(image) => {
                boards.insert(image.board_id.unwrap_or_else(|| "none".to_owned()));
                if let Err(error) = state.files.delete(&name).await {
                    tracing::warn!(image = name, %error, "the files of a deleted image stay behind");
                }
                deleted.push(name);
            }
            Err(store::Error::NotFound | store::Error::Forbidden) => {}
            Err(error) => {
                tracing::error!(image = name, %error, "an image could not be deleted");
                failed.push(name);
            }
        }
    }
    Ok(Json(json!({"affected_boards": boards, "deleted_images": deleted, "failed_images": failed})))
}

pub(super) async fn star(State(state): State<AppState>, User(user): User, Body(names): Body<Names>) -> Result<Json<Value>, Error> {
    set_starred(&state, &user, names, true, "starred_images").await
}

pub(super) async fn unstar(State(state): State<AppState>, User(user): User, Body(names): Body<Names>) -> Result<Json<Value>, Error> {
    set_starred(&state, &user, names, false, "unstarred_images").await
}

async fn set_starred(
    state: &AppState,
    user: &CurrentUser,
    names: Names,
    starred: bool,
    field: &str,
) -> Result<Json<Value>, Error> {
    let changes = ImageChanges { starred: Some(starred), ..ImageChanges::default() };
    let mut boards = IndexSet::new();
    let (mut changed, mut failed) = (Vec::new(), Vec::new());
    for name in names.distinct()? {
        match store::images::update(&state.pool, user, &name, &changes).await {
            Ok(image) => {
                boards.insert(image.board_id.unwrap_or_else(|| "none".to_owned()));
                changed.push(name);
            }
            Err(store::Error::NotFound | store::Error::Forbidden) => {}
            Err(error) => {
                tracing::error!(image = name, %error, "an image could not be starred");
                failed.push(name);
            }
        }
    }
    Ok(Json(json!({"affected_boards": boards, field: changed, "failed_images": failed})))
}
