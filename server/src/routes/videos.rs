//! Videos: there are none here, so lists are empty and no name exists.
use crate::{
    access::{Access, Endpoints},
    error::Error,
    request::Pairs,
};
use axum::Json;
use serde_json::{Value, json};

/// The routes of this resource.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/api/v1/videos/", Access::User, list)
        .get("/api/v1/videos/names", Access::User, names)
        .get("/api/v1/videos/i/{video_name}", Access::User, missing)
        .get("/api/v1/videos/i/{video_name}/full", Access::MediaCookieOrUser, missing)
        .get("/api/v1/videos/i/{video_name}/thumbnail", Access::MediaCookieOrUser, missing)
        .get("/api/v1/videos/i/{video_name}/metadata", Access::User, missing)
        .get("/api/v1/videos/i/{video_name}/workflow", Access::User, missing)
        .get("/api/v1/videos/i/{video_name}/urls", Access::User, missing)
}

async fn list(pairs: Pairs) -> Result<Json<Value>, Error> {
    let (offset, limit) = pairs.page()?;
    Ok(Json(json!({"limit": limit, "offset": offset, "total": 0, "items": []})))
}

async fn names() -> Json<Value> {
    Json(json!({"video_names": [], "starred_count": 0, "total_count": 0}))
}

async fn missing() -> Error {
    Error::not_found("Video not found")
}
