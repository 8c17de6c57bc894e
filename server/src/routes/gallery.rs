//! The gallery: images in one ordered list, and virtual boards by day. (There are no videos.)
use super::{
    boards::check_listing,
    images::{dto::gallery_item, query::Pairs},
};
use crate::{
    access::{Access, Endpoints},
    error::Error,
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::account::CurrentUser;
use serde_json::{Value, json};
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

async fn items(State(state): State<AppState>, User(user): User, pairs: Pairs) -> Result<Json<Value>, Error> {
    let (filter, order) = pairs.gallery("origin")?;
    let (offset, limit) = pairs.page()?;
    check_listing(&state, &user, filter.board_id.as_deref()).await?;
    let (images, total) = gallery::page(&state.pool, &user, &filter, order, offset, limit).await?;
    let items: Vec<Value> = images.iter().map(gallery_item).collect();
    Ok(Json(json!({"limit": limit, "offset": offset, "total": total, "items": items})))
}

async fn names(state: &AppState, user: &CurrentUser, pairs: &Pairs) -> Result<(Vec<String>, i64), Error> {
    let (filter, order) = pairs.gallery("origin")?;
    check_listing(state, user, filter.board_id.as_deref()).await?;
    Ok(gallery::names(&state.pool, user, &filter, order).await?)
}

async fn item_names(State(state): State<AppState>, User(user): User, pairs: Pairs) -> Result<Json<Value>, Error> {
    let (names, starred) = names(&state, &user, &pairs).await?;
    Ok(Json(json!({"total_count": names.len(), "item_names": names, "starred_count": starred})))
}

async fn kinds_and_names(State(state): State<AppState>, User(user): User, pairs: Pairs) -> Result<Json<Value>, Error> {
    let (names, starred) = names(&state, &user, &pairs).await?;
    Ok(Json(with_kinds(&names, starred)))
}

fn with_kinds(names: &[String], starred: i64) -> Value {
    let items: Vec<Value> = names.iter().map(|name| json!({"kind": "image", "name": name})).collect();
    json!({"items": items, "starred_count": starred, "total_count": names.len()})
}

async fn days(State(state): State<AppState>, User(user): User) -> Result<Json<Vec<Value>>, Error> {
    let days = gallery::days(&state.pool, &user).await?;
    Ok(Json(
        days.into_iter()
            .map(|day| {
                json!({"virtual_board_id": format!("by_date:{}", day.date), "board_name": day.date, "date": day.date,
                    "image_count": day.image_count, "asset_count": day.asset_count, "video_count": 0,
                    "cover_image_name": day.cover_image_name, "cover_video_name": null})
            })
            .collect(),
    ))
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
) -> Result<Json<Value>, Error> {
    let (names, starred) = names_of_day(&state, &user, date, &pairs).await?;
    Ok(Json(json!({"total_count": names.len(), "image_names": names, "starred_count": starred})))
}

async fn item_names_of_day(
    State(state): State<AppState>,
    User(user): User,
    Path(date): Path<String>,
    pairs: Pairs,
) -> Result<Json<Value>, Error> {
    let (names, starred) = names_of_day(&state, &user, date, &pairs).await?;
    Ok(Json(with_kinds(&names, starred)))
}
