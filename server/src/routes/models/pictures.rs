//! The pictures of models.
use super::records::unknown;
use crate::{
    access::{Access, Endpoints},
    error::Error,
    routes::images::{Keeping, picture_part, serve_small_picture},
    session::Admin,
    state::AppState,
};
use axum::{
    Json,
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::Value;
use store::{
    files::Attachment,
    models::{self, NewModel},
};

/// The routes of this resource.
pub(super) fn endpoints() -> Endpoints {
    let path = "/api/v2/models/i/{key}/image";
    Endpoints::new()
        // Image elements send no token; models are everyone's. As upstream.
        .get(path, Access::Public, get)
        .patch(path, Access::Admin, put)
        .delete(path, Access::Admin, delete)
}

async fn set_cover(state: &AppState, key: &str, cover: Value) -> Result<(), Error> {
    let mut config = models::get(&state.pool, key).await.map_err(unknown)?;
    if let Some(fields) = config.as_object_mut() {
        fields.insert("cover_image".to_owned(), cover);
    }
    let model =
        NewModel::from_config(config).ok_or_else(|| Error::internal("a model's record is incomplete"))?;
    Ok(models::update(&state.pool, &model).await?)
}

async fn get(State(state): State<AppState>, Path(key): Path<String>) -> Result<Response, Error> {
    serve_small_picture(&state, Attachment::Model, &key, Keeping::Long).await
}

async fn put(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(key): Path<String>,
    parts: Multipart,
) -> Result<Json<()>, Error> {
    models::get(&state.pool, &key).await.map_err(unknown)?;
    let picture = picture_part(parts, "image").await?.picture;
    let picture = picture.ok_or_else(|| Error::unprocessable("image is required"))?;
    state.files.put_attachment(Attachment::Model, &key, picture).await?;
    // The number makes browsers fetch a changed picture again.
    let version = uuid::Uuid::new_v4();
    set_cover(&state, &key, format!("api/v2/models/i/{key}/image?{version}").into()).await?;
    Ok(Json(()))
}

async fn delete(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(key): Path<String>,
) -> Result<StatusCode, Error> {
    set_cover(&state, &key, Value::Null).await?;
    state.files.delete_attachment(Attachment::Model, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
