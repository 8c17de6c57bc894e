//! Videos: there are none here, so lists are empty, no name exists, and changes of names fail one by one.
use crate::{
    access::{Access, Endpoints},
    error::Error,
    request::{Body, Pairs},
};
use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// The routes of this resource.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/api/v1/videos/", Access::User, list)
        .get("/api/v1/videos/names", Access::User, names)
        .get("/api/v1/videos/i/{video_name}", Access::User, missing)
        .patch("/api/v1/videos/i/{video_name}", Access::User, change)
        .delete("/api/v1/videos/i/{video_name}", Access::User, missing)
        .get("/api/v1/videos/i/{video_name}/full", Access::MediaCookieOrUser, missing)
        .get("/api/v1/videos/i/{video_name}/thumbnail", Access::MediaCookieOrUser, missing)
        .get("/api/v1/videos/i/{video_name}/metadata", Access::User, missing)
        .get("/api/v1/videos/i/{video_name}/workflow", Access::User, missing)
        .get("/api/v1/videos/i/{video_name}/urls", Access::User, missing)
        .post("/api/v1/videos/board", Access::User, put_on_board)
        .delete("/api/v1/videos/board", Access::User, take_off_board)
        .post("/api/v1/videos/delete", Access::User, delete)
        .delete("/api/v1/videos/uncategorized", Access::User, delete_uncategorized)
        .post("/api/v1/videos/star", Access::User, star)
        .post("/api/v1/videos/unstar", Access::User, unstar)
}

/// Videos by their names.
#[derive(Debug, Deserialize, JsonSchema)]
struct VideoNamesBatch {
    video_names: Vec<String>,
}

/// What may change of a video.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "there is no video to change; requests are checked all the same")]
struct VideoRecordChanges {
    is_intermediate: Option<bool>,
    session_id: Option<String>,
    starred: Option<bool>,
    video_category: Option<String>,
}

/// A video by its name, and a board.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "there is no video to put there; requests are checked all the same")]
struct VideoBoardArg {
    board_id: String,
    video_name: String,
}

/// A video by its name.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "there is no video to take off; requests are checked all the same")]
struct VideoName {
    video_name: String,
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

async fn change(Body(_): Body<VideoRecordChanges>) -> Error {
    missing().await
}

async fn put_on_board(Body(_): Body<VideoBoardArg>) -> Error {
    missing().await
}

async fn take_off_board(Body(_): Body<VideoName>) -> Error {
    missing().await
}

async fn delete(Body(batch): Body<VideoNamesBatch>) -> Json<Value> {
    Json(json!({"affected_boards": [], "deleted_videos": [], "failed_videos": batch.video_names}))
}

async fn delete_uncategorized() -> Json<Value> {
    Json(json!({"affected_boards": [], "deleted_videos": [], "failed_videos": []}))
}

async fn star(Body(batch): Body<VideoNamesBatch>) -> Json<Value> {
    Json(json!({"affected_boards": [], "starred_videos": [], "failed_videos": batch.video_names}))
}

async fn unstar(Body(batch): Body<VideoNamesBatch>) -> Json<Value> {
    Json(json!({"affected_boards": [], "unstarred_videos": [], "failed_videos": batch.video_names}))
}
