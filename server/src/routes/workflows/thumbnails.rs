//! The pictures of workflows.
use super::refuse;
use crate::{
    access::{Access, Endpoints},
    error::Error,
    routes::images::{Keeping, picture_part, serve_small_picture},
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Multipart, Path, State},
    response::Response,
};
use store::{files::Attachment, workflows};

/// The routes of this resource.
pub(super) fn endpoints() -> Endpoints {
    let path = "/api/v1/workflows/i/{workflow_id}/thumbnail";
    Endpoints::new()
        // Image elements send no token, and the id is a secret of its own; as upstream.
        .get(path, Access::Public, get)
        .put(path, Access::User, put)
        .delete(path, Access::User, delete)
}

async fn get(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, Error> {
    serve_small_picture(&state, Attachment::Workflow, &id, Keeping::Long).await
}

async fn put(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
    parts: Multipart,
) -> Result<Json<()>, Error> {
    workflows::get_own(&state.pool, &user, &id).await.map_err(refuse("update"))?;
    let picture = picture_part(parts, "image").await?.picture;
    let picture = picture.ok_or_else(|| Error::unprocessable("image is required"))?;
    state.files.put_attachment(Attachment::Workflow, &id, picture).await?;
    workflows::set_thumbnail(&state.pool, &user, &id, true).await?;
    Ok(Json(()))
}

async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Json<()>, Error> {
    workflows::set_thumbnail(&state.pool, &user, &id, false).await.map_err(refuse("update"))?;
    state.files.delete_attachment(Attachment::Workflow, &id).await?;
    Ok(Json(()))
}
