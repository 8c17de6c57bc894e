//! Small pictures of presets, workflows and models: forms with one, which is kept as a thumbnail, and its way back.
use super::unsupported;
use crate::error::Error;
use crate::state::AppState;
use axum::{
    extract::Multipart,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::collections::HashMap;
use store::{files::Attachment, picture};

/// How long browsers may keep a small picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::routes) enum Keeping {
    /// A year: its address changes with it.
    Long,
    /// Not at all.
    Never,
}

/// The small picture of something.
///
/// # Errors
/// It has none.
pub(in crate::routes) async fn serve_small_picture(
    state: &AppState,
    kind: Attachment,
    id: &str,
    keeping: Keeping,
) -> Result<Response, Error> {
    let picture = state.files.attachment(kind, id).await.map_err(|error| match error {
        store::Error::NotFound => Error::not_found("Not Found"),
        other => other.into(),
    })?;
    let cached = match keeping {
        Keeping::Long => "max-age=31536000",
        Keeping::Never => "private, no-store",
    };
    Ok(([(header::CONTENT_TYPE, "image/webp"), (header::CACHE_CONTROL, cached)], picture).into_response())
}

/// A form's parts.
#[derive(Debug, Default)]
pub(in crate::routes) struct Form {
    /// The picture, WebP.
    pub(in crate::routes) picture: Option<Bytes>,
    /// The other parts, as text.
    pub(in crate::routes) texts: HashMap<String, String>,
}

/// Reads a form whose picture is the part `name`.
pub(in crate::routes) async fn picture_part(mut parts: Multipart, name: &str) -> Result<Form, Error> {
    let bad = |error: axum::extract::multipart::MultipartError| Error::bad_request(error.body_text());
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await.map_err(bad)? {
        let Some(part_name) = part.name().map(ToOwned::to_owned) else { continue };
        if part_name != name {
            form.texts.insert(part_name, part.text().await.map_err(bad)?);
            continue;
        }
        let is_image = part.content_type().is_some_and(|kind| kind.starts_with("image"));
        let file = part.bytes().await.map_err(bad)?;
        if file.is_empty() {
            continue;
        }
        if !is_image {
            return Err(unsupported("Not an image"));
        }
        form.picture = Some(small_picture(file).await.map_err(|_| unsupported("Failed to read image"))?);
    }
    Ok(form)
}

/// A picture's file as a thumbnail, WebP.
///
/// # Errors
/// It cannot be read as a picture.
pub(in crate::routes) async fn small_picture(file: Bytes) -> Result<Bytes, image::ImageError> {
    let small = tokio::task::spawn_blocking(move || {
        image::load_from_memory(&file).map(|image| picture::encode_webp(&picture::thumbnail(&image)))
    });
    small.await.map_err(|error| image::ImageError::IoError(std::io::Error::other(error)))?
}
