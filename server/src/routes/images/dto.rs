//! An image as clients see it.
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use store::images::{Image, ImageCategory, ImageOrigin};

/// A moment in upstream's form, `2026-11-25 02:30:00.123`, UTC.
pub(in crate::routes) fn moment(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// Where the full image is.
pub(in crate::routes) fn image_url(name: &str) -> String {
    format!("api/v1/images/i/{name}/full")
}

/// Where the thumbnail is.
pub(in crate::routes) fn thumbnail_url(name: &str) -> String {
    format!("api/v1/images/i/{name}/thumbnail")
}

/// Upstream's `ImageDTO`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImageDTO")]
pub(in crate::routes) struct ImageDto {
    image_name: String,
    image_url: String,
    thumbnail_url: String,
    image_origin: ImageOrigin,
    image_category: ImageCategory,
    width: i32,
    height: i32,
    created_at: String,
    updated_at: String,
    deleted_at: Option<String>,
    is_intermediate: bool,
    session_id: Option<String>,
    node_id: Option<String>,
    starred: bool,
    has_workflow: bool,
    image_subfolder: String,
    board_id: Option<String>,
}

impl From<Image> for ImageDto {
    fn from(image: Image) -> Self {
        Self {
            image_url: image_url(&image.image_name),
            thumbnail_url: thumbnail_url(&image.image_name),
            image_name: image.image_name,
            image_origin: image.image_origin,
            image_category: image.image_category,
            width: image.width,
            height: image.height,
            created_at: moment(image.created_at),
            updated_at: moment(image.updated_at),
            deleted_at: image.deleted_at.map(moment),
            is_intermediate: image.is_intermediate,
            session_id: image.session_id,
            node_id: image.node_id,
            starred: image.starred,
            has_workflow: image.has_workflow,
            image_subfolder: image.image_subfolder,
            board_id: image.board_id,
        }
    }
}

/// A part of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OffsetPaginatedResults_{T}_")]
pub(in crate::routes) struct Page<T> {
    pub(in crate::routes) limit: i64,
    pub(in crate::routes) offset: i64,
    pub(in crate::routes) total: i64,
    pub(in crate::routes) items: Vec<T>,
}

/// All names of a list, in its order.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImageNamesResult")]
pub(in crate::routes) struct ImageNames {
    image_names: Vec<String>,
    starred_count: i64,
    total_count: usize,
}

impl From<(Vec<String>, i64)> for ImageNames {
    fn from((image_names, starred_count): (Vec<String>, i64)) -> Self {
        Self { total_count: image_names.len(), image_names, starred_count }
    }
}

/// What an item of the gallery is; there are no videos here.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "GalleryItemKind")]
pub(in crate::routes) enum Kind {
    Image,
}

/// Upstream's `GalleryItem`.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::routes) struct GalleryItem {
    kind: Kind,
    name: String,
    full_url: String,
    thumbnail_url: String,
    width: i32,
    height: i32,
    category: ImageCategory,
    starred: bool,
    is_intermediate: bool,
    board_id: Option<String>,
    created_at: String,
    duration: Option<f64>,
    fps: Option<f64>,
}

impl From<Image> for GalleryItem {
    fn from(image: Image) -> Self {
        Self {
            kind: Kind::Image,
            full_url: image_url(&image.image_name),
            thumbnail_url: thumbnail_url(&image.image_name),
            name: image.image_name,
            width: image.width,
            height: image.height,
            category: image.image_category,
            starred: image.starred,
            is_intermediate: image.is_intermediate,
            board_id: image.board_id,
            created_at: moment(image.created_at),
            duration: None,
            fps: None,
        }
    }
}
