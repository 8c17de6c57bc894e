//! The pictures of models.
use super::{records::unknown, registration::RegistrationError};
use crate::{
    access::{Access, Endpoints},
    error::Error,
    routes::images::{Keeping, picture_part, serve_small_picture, small_picture},
    session::Admin,
    state::AppState,
};
use axum::{
    Json,
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use serde_json::Value;
use sqlx::PgPool;
use store::{
    files::{Attachment, ImageFiles},
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

async fn set_cover(pool: &PgPool, key: &str, cover: Value) -> Result<(), store::Error> {
    let mut config = models::get(pool, key).await?;
    if let Some(fields) = config.as_object_mut() {
        fields.insert("cover_image".to_owned(), cover);
    }
    // A stored record is complete.
    let model = NewModel::from_config(config).ok_or(store::Error::NotFound)?;
    models::update(pool, &model).await
}

/// Stores the small picture (WebP) of a model and notes it in the record.
async fn put_cover(pool: &PgPool, files: &ImageFiles, key: &str, picture: Bytes) -> Result<(), store::Error> {
    files.put_attachment(Attachment::Model, key, picture).await?;
    // The number makes browsers fetch a changed picture again.
    let version = uuid::Uuid::new_v4();
    set_cover(pool, key, format!("api/v2/models/i/{key}/image?{version}").into()).await
}

/// Makes a picture, a file's bytes, the cover of the model `key`.
///
/// # Errors
/// When it is no picture, or cannot be stored.
pub async fn set_model_cover(
    pool: &PgPool,
    files: &ImageFiles,
    key: &str,
    file: Bytes,
) -> Result<(), RegistrationError> {
    let small = small_picture(file).await?;
    Ok(put_cover(pool, files, key, small).await?)
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
    put_cover(&state.pool, &state.files, &key, picture).await.map_err(unknown)?;
    Ok(Json(()))
}

async fn delete(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(key): Path<String>,
) -> Result<StatusCode, Error> {
    set_cover(&state.pool, &key, Value::Null).await.map_err(unknown)?;
    state.files.delete_attachment(Attachment::Model, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
