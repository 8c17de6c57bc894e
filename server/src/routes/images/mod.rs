//! Images: lists, records, files, uploads, downloads.
//!
//! - [`dto`]: an image as clients see it
mod changes;
mod downloads;
pub(super) mod dto;
mod files;
pub(super) mod listing;
mod records;
mod small_picture;
mod upload;
mod zip;

pub(in crate::routes) use {
    records::readable,
    small_picture::{Keeping, picture_part, serve_small_picture, small_picture},
};

use crate::{
    access::{Access, Endpoints},
    error::Error,
};
use axum::{extract::DefaultBodyLimit, http::StatusCode};

/// The largest upload, in bytes.
const LARGEST_UPLOAD: usize = 256 << 20;

/// 415, for a file that is not what it should be.
pub(super) fn unsupported(detail: &str) -> Error {
    Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
}

/// The routes of this resource.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/api/v1/images/", Access::User, listing::list)
        .get("/api/v1/images/names", Access::User, listing::names)
        .post("/api/v1/images/images_by_names", Access::User, listing::by_names)
        .post("/api/v1/images/upload", Access::User, upload::upload)
        .get("/api/v1/images/i/{image_name}", Access::User, records::get)
        .patch("/api/v1/images/i/{image_name}", Access::User, records::update)
        .delete("/api/v1/images/i/{image_name}", Access::User, records::delete)
        .get("/api/v1/images/i/{image_name}/metadata", Access::User, records::metadata)
        .get("/api/v1/images/i/{image_name}/workflow", Access::User, records::workflow)
        .get("/api/v1/images/i/{image_name}/urls", Access::User, records::urls)
        .get("/api/v1/images/i/{image_name}/full", Access::MediaCookieOrUser, files::full)
        .get("/api/v1/images/i/{image_name}/thumbnail", Access::MediaCookieOrUser, files::thumbnail)
        .get("/api/v1/images/intermediates", Access::User, changes::count_intermediates)
        .delete("/api/v1/images/intermediates", Access::User, changes::clear_intermediates)
        .post("/api/v1/images/delete", Access::User, changes::delete)
        .delete("/api/v1/images/uncategorized", Access::User, changes::delete_uncategorized)
        .post("/api/v1/images/star", Access::User, changes::star)
        .post("/api/v1/images/unstar", Access::User, changes::unstar)
        .post("/api/v1/images/download", Access::User, downloads::prepare)
        .get("/api/v1/images/download/{bulk_download_item_name}", Access::User, downloads::fetch)
        .get("/api/v1/image_moves/status", Access::Admin, records::moves)
        .post("/api/v1/image_moves/start", Access::Admin, records::move_all)
        .post("/api/v1/image_moves/recover", Access::Admin, records::move_all)
        .map(|router| router.layer(DefaultBodyLimit::max(LARGEST_UPLOAD)))
}
