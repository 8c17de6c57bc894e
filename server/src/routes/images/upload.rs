//! Uploads: any image file in, a PNG record out.
use super::{
    dto::{ImageDto, image_url},
    unsupported,
};
use crate::{error::Error, openapi::describe::Created, request::Pairs, session::User, state::AppState};
use axum::{
    extract::{Multipart, State, multipart::MultipartError},
    http::{HeaderName, header},
};
use bytes::Bytes;
use image::DynamicImage;
use serde_json::Value;
use store::{
    boards,
    images::{Access, ImageCategory, ImageOrigin, NewImage},
    picture::{self, Embedded, Encoded},
};

/// The largest picture that an upload may be resized to, in pixels.
const LARGEST_RESIZE: u64 = 4096 * 4096;

/// The parts of an upload's form.
#[derive(Debug, Default)]
struct Form {
    file: Option<Bytes>,
    metadata: Option<String>,
    resize_to: Option<String>,
}

impl Form {
    async fn read(mut parts: Multipart) -> Result<Self, Error> {
        let bad = |error: MultipartError| Error::bad_request(error.body_text());
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(bad)? {
            match part.name() {
                Some("file") => {
                    if !part.content_type().is_some_and(|kind| kind.starts_with("image")) {
                        return Err(unsupported("Not an image"));
                    }
                    form.file = Some(part.bytes().await.map_err(bad)?);
                }
                Some("metadata") => form.metadata = Some(part.text().await.map_err(bad)?),
                Some("resize_to") => form.resize_to = Some(part.text().await.map_err(bad)?),
                _ => {}
            }
        }
        Ok(form)
    }
}

/// The board to upload to may be anyone's if it is public.
async fn check_board(
    state: &AppState,
    user: &domain::account::CurrentUser,
    board_id: &str,
) -> Result<(), Error> {
    boards::get(&state.pool, user, board_id, boards::Access::Contribute).await.map(drop).map_err(|error| {
        match error {
            store::Error::NotFound => Error::not_found("Board not found"),
            store::Error::Forbidden => Error::forbidden("Not authorized to upload to this board"),
            other => other.into(),
        }
    })
}

pub(super) async fn upload(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
    parts: Multipart,
) -> Result<([(HeaderName, String); 1], Created<ImageDto>), Error> {
    let category: ImageCategory = pairs
        .choice("image_category")?
        .ok_or_else(|| Error::unprocessable("image_category is required".to_owned()))?;
    let is_intermediate = pairs
        .flag("is_intermediate")?
        .ok_or_else(|| Error::unprocessable("is_intermediate is required".to_owned()))?;
    let board_id = pairs.text("board_id").map(ToOwned::to_owned);
    if let Some(board_id) = &board_id {
        check_board(&state, &user, board_id).await?;
    }
    let form = Form::read(parts).await?;
    let file = form.file.ok_or_else(|| Error::unprocessable("file is required".to_owned()))?;
    let resize_to = form.resize_to.as_deref().map(parse_size).transpose()?;
    let crop_visible = pairs.flag("crop_visible")?.unwrap_or(false);
    let texts = accept_texts(picture::embedded(&file), form.metadata);
    let embedded = texts.clone();
    let (width, height, encoded) =
        tokio::task::spawn_blocking(move || prepare(&file, crop_visible, resize_to, &embedded))
            .await
            .map_err(|error| Error::internal(error.to_string()))??;
    let image = NewImage {
        image_name: format!("{}.png", uuid::Uuid::new_v4()),
        user_id: user.user_id.clone(),
        session_id: pairs.text("session_id").map(ToOwned::to_owned),
        node_id: None,
        category,
        origin: ImageOrigin::External,
        width,
        height,
        is_intermediate,
        metadata: texts.metadata,
        workflow: texts.workflow,
        graph: texts.graph,
        board_id,
    };
    state.files.put(&image.image_name, encoded.png, encoded.thumbnail).await?;
    store::images::record(&state.pool, &image).await?;
    let record = store::images::get(&state.pool, &user, &image.image_name, Access::Read).await?;
    Ok(([(header::LOCATION, image_url(&image.image_name))], Created(record.into())))
}

fn parse_size(text: &str) -> Result<(u32, u32), Error> {
    let invalid = || Error::bad_request("Invalid resize_to format or size");
    #[derive(serde::Deserialize)]
    struct Size {
        width: u32,
        height: u32,
    }
    let size: Size = serde_json::from_str(text).map_err(|_| invalid())?;
    let pixels = u64::from(size.width) * u64::from(size.height);
    if pixels == 0 || pixels > LARGEST_RESIZE { Err(invalid()) } else { Ok((size.width, size.height)) }
}

fn prepare(
    file: &[u8],
    crop_visible: bool,
    resize_to: Option<(u32, u32)>,
    embedded: &Embedded,
) -> Result<(i32, i32, Encoded), Error> {
    let mut image = image::load_from_memory(file).map_err(|_| unsupported("Failed to read image"))?;
    if crop_visible {
        image = cropped(image);
    }
    if let Some((width, height)) = resize_to {
        image = DynamicImage::ImageRgba8(image.to_rgba8()).resize_exact(
            width,
            height,
            image::imageops::FilterType::Lanczos3,
        );
    }
    let encoded = picture::encode(&image, embedded).map_err(|error| Error::internal(error.to_string()))?;
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    Ok((side(image.width()), side(image.height()), encoded))
}

/// The smallest part that holds every visible pixel; the whole image if there is none.
fn cropped(image: DynamicImage) -> DynamicImage {
    let pixels = image.to_rgba8();
    let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
    let has_alpha = image.color().has_alpha();
    for (x, y, pixel) in pixels.enumerate_pixels() {
        let visible = if has_alpha { pixel[3] > 0 } else { pixel.0[..3] != [0, 0, 0] };
        if visible {
            (left, top) = (left.min(x), top.min(y));
            (right, bottom) = (right.max(x), bottom.max(y));
        }
    }
    if left > right { image } else { image.crop_imm(left, top, right - left + 1, bottom - top + 1) }
}

/// Keeps the texts that are what they claim to be; a client's own metadata comes first.
fn accept_texts(found: Embedded, metadata: Option<String>) -> Embedded {
    let is = |text: &String, test: fn(&Value) -> bool| {
        serde_json::from_str::<Value>(text).is_ok_and(|value| test(&value))
    };
    let workflow_fields = |value: &Value| {
        value.get("nodes").is_some_and(Value::is_array)
            && value.get("edges").is_some_and(Value::is_array)
            && value.get("name").is_some_and(Value::is_string)
    };
    let graph_fields = |value: &Value| {
        value.get("nodes").is_some_and(Value::is_object) && value.get("edges").is_some_and(Value::is_array)
    };
    Embedded {
        metadata: metadata.or(found.metadata).filter(|text| is(text, Value::is_object)),
        workflow: found.workflow.filter(|text| is(text, workflow_fields)),
        graph: found.graph.filter(|text| is(text, graph_fields)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visible_part_is_kept() {
        let mut pixels = image::RgbaImage::new(10, 8);
        pixels.put_pixel(3, 2, image::Rgba([1, 2, 3, 255]));
        pixels.put_pixel(5, 6, image::Rgba([1, 2, 3, 255]));
        let part = cropped(DynamicImage::ImageRgba8(pixels));
        assert_eq!((part.width(), part.height()), (3, 5));
        assert_eq!(cropped(DynamicImage::new_rgba8(4, 4)).width(), 4);
    }

    #[test]
    fn texts_that_are_not_what_they_claim_are_dropped() {
        let found = Embedded {
            metadata: Some("[]".to_owned()),
            workflow: Some(r#"{"name":"w","nodes":[],"edges":[]}"#.to_owned()),
            graph: Some(r#"{"nodes":[]}"#.to_owned()),
        };
        let kept = accept_texts(found, None);
        assert!(kept.metadata.is_none() && kept.workflow.is_some() && kept.graph.is_none());
    }
}
