//! Lists of images.
use super::{
    dto::ImageDto,
    query::{Body, Pairs},
};
use crate::{error::Error, routes::boards, session::User, state::AppState};
use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};
use store::images::Access;

/// Names in one request's body.
pub(in crate::routes) const LARGEST_BATCH: usize = 1000;

/// A list of names in a body.
#[derive(Debug, Deserialize)]
pub(in crate::routes) struct Names {
    image_names: Vec<String>,
}

impl Names {
    /// The names, once each, in order; an error if there are too many.
    pub(in crate::routes) fn distinct(self) -> Result<Vec<String>, Error> {
        if self.image_names.len() > LARGEST_BATCH {
            return Err(Error::unprocessable(format!("List should have at most {LARGEST_BATCH} items")));
        }
        Ok(self.image_names.into_iter().collect::<indexmap::IndexSet<_>>().into_iter().collect())
    }
}

pub(super) async fn list(State(state): State<AppState>, User(user): User, pairs: Pairs) -> Result<Json<Value>, Error> {
    let (filter, order) = pairs.gallery("image_origin")?;
    let (offset, limit) = pairs.page()?;
    boards::check_listing(&state, &user, filter.board_id.as_deref()).await?;
    let (images, total) = store::gallery::page(&state.pool, &user, &filter, order, offset, limit).await?;
    let items: Vec<ImageDto> = images.into_iter().map(ImageDto::from).collect();
    Ok(Json(json!({"limit": limit, "offset": offset, "total": total, "items": items})))
}

pub(super) async fn names(State(state): State<AppState>, User(user): User, pairs: Pairs) -> Result<Json<Value>, Error> {
    let (filter, order) = pairs.gallery("image_origin")?;
    boards::check_listing(&state, &user, filter.board_id.as_deref()).await?;
    let (names, starred) = store::gallery::names(&state.pool, &user, &filter, order).await?;
    Ok(Json(json!({"total_count": names.len(), "image_names": names, "starred_count": starred})))
}

/// Images that are gone or not for the asker are left out.
pub(super) async fn by_names(
    State(state): State<AppState>,
    User(user): User,
    Body(names): Body<Names>,
) -> Result<Json<Vec<ImageDto>>, Error> {
    let mut images = Vec::new();
    for name in names.distinct()? {
        match store::images::get(&state.pool, &user, &name, Access::Read).await {
            Ok(image) => images.push(image.into()),
            Err(store::Error::NotFound | store::Error::Forbidden) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Json(images))
}
