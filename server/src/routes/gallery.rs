//! The gallery: images in one ordered list, and virtual boards by day. (There are no videos.)
use super::{
    boards::check_listing,
    images::dto::{GalleryItem, ImageNames, Kind, Page},
};
use crate::{
    access::{Access, Endpoints},
    error::Error,
    request::Pairs,
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
use store::gallery;

/// The routes of this resource.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/api/v1/gallery/items/", Access::User, items)
        .get("/api/v1/gallery/item_names", Access::User, item_names)
        .get("/api/v1/gallery/items/names", Access::User, kinds_and_names)
        .get("/api/v1/virtual_boards/by_date", Access::User, days)
        .get("/api/v1/virtual_boards/by_date/{date}/image_names", Access::User, image_names_of_day)
        .get("/api/v1/virtual_boards/by_date/{date}/item_names", Access::User, item_names_of_day)
}

/// All names of a list, in its order.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GalleryItemNamesResult")]
struct ItemNames {
    item_names: Vec<String>,
    starred_count: i64,
    total_count: usize,
}

/// A name and what it names.
#[derive(Debug, Serialize, JsonSchema)]
struct GalleryItemRef {
    kind: Kind,
    name: String,
}

/// All names of a list, in its order, with what they name.
#[derive(Debug, Serialize, JsonSchema)]
struct KindsAndNames {
    items: Vec<GalleryItemRef>,
    starred_count: i64,
    total_count: usize,
}

impl From<(Vec<String>, i64)> for KindsAndNames {
    fn from((names, starred_count): (Vec<String>, i64)) -> Self {
        let items: Vec<_> =
            names.into_iter().map(|name| GalleryItemRef { kind: Kind::Image, name }).collect();
        Self { total_count: items.len(), items, starred_count }
    }
}

/// The images of one day.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VirtualSubBoardDTO")]
struct DayDto {
    virtual_board_id: String,
    board_name: String,
    date: String,
    image_count: i64,
    asset_count: i64,
    video_count: i64,
    cover_image_name: Option<String>,
    cover_video_name: Option<String>,
}

async fn items(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Json<Page<GalleryItem>>, Error> {
    let (filter, order) = pairs.gallery("origin")?;
    let (offset, limit) = pairs.page()?;
    check_listing(&state, &user, filter.board_id.as_deref()).await?;
    let (images, total) = gallery::page(&state.pool, &user, &filter, order, offset, limit).await?;
    let items = images.into_iter().map(GalleryItem::from).collect();
    Ok(Json(Page { limit, offset, total, items }))
}

async fn names(state: &AppState, user: &CurrentUser, pairs: &Pairs) -> Result<(Vec<String>, i64), Error> {
    let (filter, order) = pairs.gallery("origin")?;
    check_listing(state, user, filter.board_id.as_deref()).await?;
    Ok(gallery::names(&state.pool, user, &filter, order).await?)
}

async fn item_names(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Json<ItemNames>, Error> {
    let (item_names, starred_count) = names(&state, &user, &pairs).await?;
    Ok(Json(ItemNames { total_count: item_names.len(), item_names, starred_count }))
}

async fn kinds_and_names(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Json<KindsAndNames>, Error> {
    Ok(Json(names(&state, &user, &pairs).await?.into()))
}

async fn days(State(state): State<AppState>, User(user): User) -> Result<Json<Vec<DayDto>>, Error> {
    let days = gallery::days(&state.pool, &user).await?.into_iter().map(|day| DayDto {
        virtual_board_id: format!("by_date:{}", day.date),
        board_name: day.date.clone(),
        date: day.date,
        image_count: day.image_count,
        asset_count: day.asset_count,
        video_count: 0,
        cover_image_name: day.cover_image_name,
        cover_video_name: None,
    });
    Ok(Json(days.collect()))
}

async fn names_of_day(
    state: &AppState,
    user: &CurrentUser,
    date: String,
    pairs: &Pairs,
) -> Result<(Vec<String>, i64), Error> {
    let (mut filter, order) = pairs.gallery("origin")?;
    filter = gallery::Filter {
        created_date: Some(date),
        is_intermediate: Some(false),
        categories: filter.categories,
        search_term: filter.search_term,
        ..gallery::Filter::default()
    };
    Ok(gallery::names(&state.pool, user, &filter, order).await?)
}

async fn image_names_of_day(
    State(state): State<AppState>,
    User(user): User,
    Path(date): Path<String>,
    pairs: Pairs,
) -> Result<Json<ImageNames>, Error> {
    Ok(Json(names_of_day(&state, &user, date, &pairs).await?.into()))
}

async fn item_names_of_day(
    State(state): State<AppState>,
    User(user): User,
    Path(date): Path<String>,
    pairs: Pairs,
) -> Result<Json<KindsAndNames>, Error> {
    Ok(Json(names_of_day(&state, &user, date, &pairs).await?.into()))
}
