//! Boards, and which images are on them.
mod board_images;

use crate::{
    access::{Access, Endpoints},
    error::Error,
    openapi::describe::Created,
    request::{Body, Pairs},
    routes::images::{
        dto::{Page, moment},
        readable,
    },
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    boards::{self, Board, BoardChanges, Listing, Visibility},
    gallery::{Filter, Order},
};

/// The routes of this resource.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/api/v1/boards/", Access::User, list)
        .post("/api/v1/boards/", Access::User, create)
        .get("/api/v1/boards/{board_id}", Access::User, get)
        .patch("/api/v1/boards/{board_id}", Access::User, update)
        .delete("/api/v1/boards/{board_id}", Access::User, delete)
        .get("/api/v1/boards/{board_id}/image_names", Access::User, image_names)
        .merge(board_images::endpoints())
}

/// A board as the wire shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BoardDTO")]
struct BoardDto {
    board_id: String,
    board_name: String,
    user_id: String,
    created_at: String,
    updated_at: String,
    deleted_at: Option<String>,
    cover_image_name: Option<String>,
    archived: bool,
    board_visibility: Visibility,
    cover_video_name: Option<String>,
    image_count: i64,
    video_count: i64,
    asset_count: i64,
    owner_username: Option<String>,
}

impl From<Board> for BoardDto {
    fn from(board: Board) -> Self {
        Self {
            board_id: board.board_id,
            board_name: board.board_name,
            user_id: board.user_id,
            created_at: moment(board.created_at),
            updated_at: moment(board.updated_at),
            deleted_at: board.deleted_at.map(moment),
            cover_image_name: board.cover_image_name,
            archived: board.archived,
            board_visibility: board.board_visibility,
            cover_video_name: None,
            image_count: board.image_count,
            video_count: 0,
            asset_count: board.asset_count,
            owner_username: board.owner_username,
        }
    }
}

/// All boards, or a page of them, as the query asks.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum BoardList {
    All(Vec<BoardDto>),
    Page(Page<BoardDto>),
}

/// What a deletion did.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DeleteBoardResult")]
struct Deleted {
    board_id: String,
    deleted_board_images: Vec<String>,
    deleted_images: Vec<String>,
    deleted_board_videos: Vec<String>,
    deleted_videos: Vec<String>,
    failed_images: Vec<String>,
    failed_videos: Vec<String>,
}

/// Upstream's answer when a board is not there or not for the asker; `verb` is what they wanted.
fn refuse(verb: &str) -> impl Fn(store::Error) -> Error {
    move |error| match error {
        store::Error::NotFound => Error::not_found("Board not found"),
        store::Error::Forbidden => Error::forbidden(format!("Not authorized to {verb} this board")),
        other => other.into(),
    }
}

/// Refuses a list of a board that the asker may not read; `none` is no board.
pub(in crate::routes) async fn check_listing(
    state: &AppState,
    user: &CurrentUser,
    board_id: Option<&str>,
) -> Result<(), Error> {
    match board_id {
        None | Some("none") => Ok(()),
        Some(_) if user.is_admin => Ok(()),
        Some(board_id) => {
            boards::get(&state.pool, user, board_id, boards::Access::Read).await.map_err(refuse("access"))?;
            Ok(())
        }
    }
}

async fn list(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Json<BoardList>, Error> {
    let all = pairs.flag("all")?.unwrap_or(false);
    let offset = pairs.number("offset", 0..=i64::MAX)?;
    let limit = pairs.number("limit", 0..=i64::MAX)?;
    let by_name = match pairs.text("order_by") {
        None | Some("created_at") => false,
        Some("board_name") => true,
        Some(_) => return Err(Error::unprocessable("order_by should be 'created_at' or 'board_name'")),
    };
    let mut listing = Listing {
        by_name,
        ascending: pairs.ascending("direction", false)?,
        include_archived: pairs.flag("include_archived")?.unwrap_or(false),
        offset: 0,
        limit: None,
    };
    if all {
        let boards = state.readers.boards.get((user, listing)).await?.unwrap_or_default();
        return Ok(Json(BoardList::All(boards.iter().cloned().map(BoardDto::from).collect())));
    }
    let (Some(offset), Some(limit)) = (offset, limit) else {
        return Err(Error::bad_request(
            "Invalid request: Must provide either 'all' or both 'offset' and 'limit'",
        ));
    };
    (listing.offset, listing.limit) = (offset, Some(limit));
    let boards = boards::list(&state.pool, &user, listing).await?;
    let items: Vec<BoardDto> = boards.into_iter().map(BoardDto::from).collect();
    let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
    Ok(Json(BoardList::Page(Page { limit, offset, total, items })))
}

async fn create(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Created<BoardDto>, Error> {
    let name = pairs.text("board_name").ok_or_else(|| Error::unprocessable("board_name is required"))?;
    if name.chars().count() > 300 {
        return Err(Error::unprocessable("String should have at most 300 characters"));
    }
    let board = boards::create(&state.pool, &user, name).await?;
    Ok(Created(board.into()))
}

async fn get(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Json<BoardDto>, Error> {
    let board = boards::get(&state.pool, &user, &id, boards::Access::Read).await.map_err(refuse("access"))?;
    Ok(Json(board.into()))
}

async fn update(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
    Body(changes): Body<BoardChanges>,
) -> Result<Created<BoardDto>, Error> {
    if let Some(cover) = &changes.cover_image_name {
        // Its name and picture would be shown to all who see the board.
        readable(&state, &user, cover).await?;
    }
    let board = boards::update(&state.pool, &user, &id, &changes).await.map_err(refuse("update"))?;
    Ok(Created(board.into()))
}

async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
    pairs: Pairs,
) -> Result<Json<Deleted>, Error> {
    let include_images = pairs.flag("include_images")?.unwrap_or(false);
    let done = boards::delete(&state.pool, &user, &id, include_images).await.map_err(refuse("delete"))?;
    for name in &done.deleted {
        if let Err(error) = state.files.delete(name).await {
            tracing::warn!(image = name, %error, "the files of a deleted image stay behind");
        }
    }
    Ok(Json(Deleted {
        board_id: id,
        deleted_board_images: done.released,
        deleted_images: done.deleted,
        deleted_board_videos: Vec::new(),
        deleted_videos: Vec::new(),
        failed_images: Vec::new(),
        failed_videos: Vec::new(),
    }))
}

async fn image_names(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
    pairs: Pairs,
) -> Result<Json<Vec<String>>, Error> {
    if id != "none" {
        boards::get(&state.pool, &user, &id, boards::Access::Read).await.map_err(refuse("access"))?;
    }
    let (filter, _) = pairs.gallery("origin")?;
    let filter = Filter {
        board_id: Some(id),
        categories: filter.categories,
        is_intermediate: filter.is_intermediate,
        ..Filter::default()
    };
    let order = Order { starred_first: false, ascending: true };
    Ok(Json(store::gallery::names(&state.pool, &user, &filter, order).await?.0))
}
