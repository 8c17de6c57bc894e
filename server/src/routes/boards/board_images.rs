//! Putting images on boards and taking them off.
use crate::{
    access::{Access, Endpoints},
    error::Error,
    openapi::describe::Created,
    request::Body,
    routes::images::listing::LARGEST_BATCH,
    session::User,
    state::AppState,
};
use axum::extract::State;
use domain::account::CurrentUser;
use indexmap::IndexSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{boards, images};

/// The routes of this resource.
pub(super) fn endpoints() -> Endpoints {
    Endpoints::new()
        .post("/api/v1/board_images/", Access::User, add_one)
        .delete("/api/v1/board_images/", Access::User, remove_one)
        .post("/api/v1/board_images/batch", Access::User, add_many)
        .post("/api/v1/board_images/batch/delete", Access::User, remove_many)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct AddOne {
    board_id: String,
    image_name: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct AddMany {
    board_id: String,
    image_names: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct RemoveOne {
    image_name: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct RemoveMany {
    image_names: Vec<String>,
}

/// Which images a batch moved, and the boards whose content changed.
#[derive(Debug, Default)]
struct Moved {
    done: Vec<String>,
    failed: Vec<String>,
    boards: IndexSet<String>,
}

/// What was put on a board.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AddImagesToBoardResult")]
struct Added {
    #[schemars(with = "Vec<String>")]
    affected_boards: IndexSet<String>,
    added_images: Vec<String>,
    failed_images: Vec<String>,
}

/// What was taken off its board.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RemoveImagesFromBoardResult")]
struct Removed {
    #[schemars(with = "Vec<String>")]
    affected_boards: IndexSet<String>,
    removed_images: Vec<String>,
    failed_images: Vec<String>,
}

impl From<Moved> for Created<Added> {
    fn from(moved: Moved) -> Self {
        Self(Added { affected_boards: moved.boards, added_images: moved.done, failed_images: moved.failed })
    }
}

impl From<Moved> for Created<Removed> {
    fn from(moved: Moved) -> Self {
        Self(Removed {
            affected_boards: moved.boards,
            removed_images: moved.done,
            failed_images: moved.failed,
        })
    }
}

fn distinct(names: Vec<String>) -> Result<IndexSet<String>, Error> {
    if names.len() > LARGEST_BATCH {
        return Err(Error::unprocessable(format!("List should have at most {LARGEST_BATCH} items")));
    }
    Ok(names.into_iter().collect())
}

async fn check_write(state: &AppState, user: &CurrentUser, board_id: &str) -> Result<(), Error> {
    boards::get(&state.pool, user, board_id, boards::Access::Contribute).await.map(drop).map_err(|error| {
        match error {
            store::Error::NotFound => Error::not_found("Board not found"),
            store::Error::Forbidden => Error::forbidden("Not authorized to modify this board"),
            other => other.into(),
        }
    })
}

async fn add_one(
    State(state): State<AppState>,
    User(user): User,
    Body(wanted): Body<AddOne>,
) -> Result<Created<Added>, Error> {
    check_write(&state, &user, &wanted.board_id).await?;
    let old = images::set_board(
        &state.pool,
        &user,
        &wanted.image_name,
        Some(&wanted.board_id),
        images::Access::Move,
    )
    .await
    .map_err(|error| match error {
        store::Error::NotFound | store::Error::Forbidden => {
            Error::forbidden("Not authorized to move this image")
        }
        other => other.into(),
    })?;
    let boards = IndexSet::from([wanted.board_id, old.unwrap_or_else(|| "none".to_owned())]);
    Ok(Moved { done: vec![wanted.image_name], failed: Vec::new(), boards }.into())
}

async fn add_many(
    State(state): State<AppState>,
    User(user): User,
    Body(wanted): Body<AddMany>,
) -> Result<Created<Added>, Error> {
    check_write(&state, &user, &wanted.board_id).await?;
    let mut moved = Moved::default();
    for name in distinct(wanted.image_names)? {
        match images::set_board(&state.pool, &user, &name, Some(&wanted.board_id), images::Access::Move).await
        {
            Ok(old) => {
                moved.boards.insert(wanted.board_id.clone());
                moved.boards.insert(old.unwrap_or_else(|| "none".to_owned()));
                moved.done.push(name);
            }
            Err(store::Error::NotFound | store::Error::Forbidden) => {}
            Err(error) => {
                tracing::warn!(image = name, %error, "an image could not be put on a board");
                moved.failed.push(name);
            }
        }
    }
    Ok(moved.into())
}

/// Takes an image off its board, which the asker must be allowed to change.
async fn take_off(state: &AppState, user: &CurrentUser, name: &str, moved: &mut Moved) -> Result<(), Error> {
    // The right comes from the board, not from the image: find the board as anyone.
    let everyone = CurrentUser { user_id: user.user_id.clone(), is_admin: true };
    let image = images::get(&state.pool, &everyone, name, images::Access::Read).await?;
    if let Some(board_id) = &image.board_id {
        check_write(state, user, board_id).await?;
        match images::set_board(&state.pool, &everyone, name, None, images::Access::Manage).await {
            Ok(_) => drop(moved.boards.insert(board_id.clone())),
            Err(store::Error::NotFound) => return Ok(()),
            Err(error) => {
                tracing::warn!(image = name, %error, "an image could not be taken off a board");
                moved.failed.push(name.to_owned());
                return Ok(());
            }
        }
    }
    moved.boards.insert("none".to_owned());
    moved.done.push(name.to_owned());
    Ok(())
}

async fn remove_one(
    State(state): State<AppState>,
    User(user): User,
    Body(wanted): Body<RemoveOne>,
) -> Result<Created<Removed>, Error> {
    let mut moved = Moved::default();
    take_off(&state, &user, &wanted.image_name, &mut moved).await?;
    Ok(moved.into())
}

async fn remove_many(
    State(state): State<AppState>,
    User(user): User,
    Body(wanted): Body<RemoveMany>,
) -> Result<Created<Removed>, Error> {
    let mut moved = Moved::default();
    for name in distinct(wanted.image_names)? {
        match take_off(&state, &user, &name, &mut moved).await {
            Ok(()) | Err(Error::Refused(..)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(moved.into())
}
