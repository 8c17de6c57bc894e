//! The bytes of an image and of its thumbnail.
use super::records::readable;
use crate::{error::Error, session::User, state::AppState};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

/// Other accounts may share the browser, so nothing is kept.
const CACHE: HeaderValue = HeaderValue::from_static("private, no-store");

fn missing(error: store::Error) -> Error {
    match error {
        store::Error::NotFound => Error::not_found("Not Found"),
        other => other.into(),
    }
}

pub(super) async fn full(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
) -> Result<Response, Error> {
    readable(&state, &user, &name).await?;
    let png = state.files.image(&name).await.map_err(missing)?;
    let mut headers = HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, CACHE),
    ]);
    if let Ok(disposition) = HeaderValue::from_str(&format!("inline; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok((headers, png).into_response())
}

pub(super) async fn thumbnail(
    State(state): State<AppState>,
    User(user): User,
    Path(name): Path<String>,
) -> Result<Response, Error> {
    readable(&state, &user, &name).await?;
    let webp = state.files.thumbnail(&name).await.map_err(missing)?;
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static("image/webp")), (header::CACHE_CONTROL, CACHE)];
    Ok((headers, webp).into_response())
}
