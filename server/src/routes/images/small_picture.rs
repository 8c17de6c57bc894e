//! Forms with a small picture (of a preset, workflow or model), which is kept as a thumbnail.
use super::unsupported;
use crate::error::Error;
use axum::extract::Multipart;
use bytes::Bytes;
use std::collections::HashMap;
use store::picture;

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
        let small = tokio::task::spawn_blocking(move || {
            image::load_from_memory(&file).map(|image| picture::encode_webp(&picture::thumbnail(&image)))
        });
        let small = small.await.map_err(Error::internal)?;
        form.picture = Some(small.map_err(|_| unsupported("Failed to read image"))?);
    }
    Ok(form)
}
