//! Changes to many images at once: what is not the asker's is skipped, not refused.
use super::{listing::Names, records::Deleted};
use crate::{error::Error, request::Body, session::User, state::AppState};
use axum::{Json, extract::State};
use domain::account::CurrentUser;
use indexmap::IndexSet;
use schemars::JsonSchema;
use serde::Serialize;
use store::{gallery, images::ImageChanges};

pub(super) async fn count_intermediates(
    State(state): State<AppState>,
    User(user): User,
) -> Result<Json<i64>, Error> {
    Ok(Json(store::images::intermediates(&state.pool, &user).await?))
}

pub(super) async fn clear_intermediates(
    State(state): State<AppState>,
    User(user): User,
) -> Result<Json<usize>, Error> {
    let names =
        store::images::delete_intermediates(&state.pool, &user).await.map_err(|error| match error {
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
) -> Result<Json<Deleted>, Error> {
    delete_each(&state, &user, names.distinct()?).await
}

pub(super) async fn delete_uncategorized(
    State(state): State<AppState>,
    User(user): User,
) -> Result<Json<Deleted>, Error> {
    let filter = gallery::Filter { board_id: Some("none".to_owned()), ..gallery::Filter::default() };
    let order = gallery::Order { starred_first: false, ascending: true };
    let (names, _) = gallery::names(&state.pool, &user, &filter, order).await?;
    delete_each(&state, &user, names).await
}

async fn delete_each(
    state: &AppState,
    user: &CurrentUser,
    names: Vec<String>,
) -> Result<Json<Deleted>, Error> {
    let mut affected_boards = IndexSet::new();
    let (mut deleted_images, mut failed_images) = (Vec::new(), Vec::new());
    for name in names {
        match store::images::delete(&state.pool, user, &name).await {
            Ok(image) => {
                affected_boards.insert(image.board_id.unwrap_or_else(|| "none".to_owned()));
                if let Err(error) = state.files.delete(&name).await {
                    tracing::warn!(image = name, %error, "the files of a deleted image stay behind");
                }
                deleted_images.push(name);
            }
            Err(store::Error::NotFound | store::Error::Forbidden) => {}
            Err(error) => {
                tracing::error!(image = name, %error, "an image could not be deleted");
                failed_images.push(name);
            }
        }
    }
    Ok(Json(Deleted { affected_boards, deleted_images, failed_images }))
}

/// What was starred.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StarredImagesResult")]
pub(super) struct Starred {
    #[schemars(with = "Vec<String>")]
    affected_boards: IndexSet<String>,
    starred_images: Vec<String>,
    failed_images: Vec<String>,
}

/// What was unstarred.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UnstarredImagesResult")]
pub(super) struct Unstarred {
    #[schemars(with = "Vec<String>")]
    affected_boards: IndexSet<String>,
    unstarred_images: Vec<String>,
    failed_images: Vec<String>,
}

pub(super) async fn star(
    State(state): State<AppState>,
    User(user): User,
    Body(names): Body<Names>,
) -> Result<Json<Starred>, Error> {
    let (affected_boards, starred_images, failed_images) = set_starred(&state, &user, names, true).await?;
    Ok(Json(Starred { affected_boards, starred_images, failed_images }))
}

pub(super) async fn unstar(
    State(state): State<AppState>,
    User(user): User,
    Body(names): Body<Names>,
) -> Result<Json<Unstarred>, Error> {
    let (affected_boards, unstarred_images, failed_images) = set_starred(&state, &user, names, false).await?;
    Ok(Json(Unstarred { affected_boards, unstarred_images, failed_images }))
}

/// The boards of what was changed, what was changed, and what could not be.
type Changed = (IndexSet<String>, Vec<String>, Vec<String>);

async fn set_starred(
    state: &AppState,
    user: &CurrentUser,
    names: Names,
    starred: bool,
) -> Result<Changed, Error> {
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
    Ok((boards, changed, failed))
}
