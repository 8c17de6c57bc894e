//! Lists of images.
use super::dto::{ImageDto, ImageNames, Page};
use crate::{
    error::Error,
    request::{Body, Pairs},
    routes::boards,
    session::User,
    state::AppState,
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;
use store::images::Access;

/// Names in one request's body.
pub(in crate::routes) const LARGEST_BATCH: usize = 1000;

/// A list of names in a body.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ImageNames")]
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

pub(super) async fn list(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Json<Page<ImageDto>>, Error> {
    let (filter, order) = pairs.gallery("image_origin")?;
    let (offset, limit) = pairs.page()?;
    boards::check_listing(&state, &user, filter.board_id.as_deref()).await?;
    let (images, total) = store::gallery::page(&state.pool, &user, &filter, order, offset, limit).await?;
    let items: Vec<ImageDto> = images.into_iter().map(ImageDto::from).collect();
    Ok(Json(Page { limit, offset, total, items }))
}

pub(super) async fn names(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Json<ImageNames>, Error> {
    let (filter, order) = pairs.gallery("image_origin")?;
    boards::check_listing(&state, &user, filter.board_id.as_deref()).await?;
    Ok(Json(store::gallery::names(&state.pool, &user, &filter, order).await?.into()))
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
