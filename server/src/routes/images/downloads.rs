//! Many images as one zip, written while it is fetched.
use super::{records::readable, zip::Zip};
use crate::{
    error::Error, notices, openapi::describe::Accepted, request::Body, routes::boards, session::User,
    state::AppState,
};
use axum::{
    body::Body as ResponseBody,
    extract::{Path, State},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{
    files::ImageFiles,
    gallery::{Filter, Order},
};

/// What to download: images by name, or all of a board.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Wanted {
    #[serde(default)]
    image_names: Option<Vec<String>>,
    #[serde(default)]
    board_id: Option<String>,
}

/// Where the zip will be.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImagesDownloaded")]
pub(super) struct Prepared {
    response: Option<String>,
    bulk_download_item_name: Option<String>,
}

pub(super) async fn prepare(
    State(state): State<AppState>,
    User(user): User,
    Body(wanted): Body<Wanted>,
) -> Result<Accepted<Prepared>, Error> {
    let mut names = wanted.image_names.unwrap_or_default();
    if names.is_empty() && wanted.board_id.is_none() {
        return Err(Error::bad_request("No images or board id specified."));
    }
    for name in &names {
        readable(&state, &user, name).await?;
    }
    if let Some(board_id) = wanted.board_id {
        boards::check_listing(&state, &user, Some(&board_id)).await?;
        let filter = Filter { board_id: Some(board_id), is_intermediate: Some(false), ..Filter::default() };
        let order = Order { starred_first: false, ascending: true };
        names = store::gallery::names(&state.pool, &user, &filter, order).await?.0;
    }
    let file = format!("{}.zip", uuid::Uuid::new_v4());
    store::downloads::record(&state.pool, &user, &file, &names).await?;
    notices::download_complete(&state, &user.user_id, &file).await?;
    Ok(Accepted(Prepared { response: None, bulk_download_item_name: Some(file) }))
}

pub(super) async fn fetch(
    State(state): State<AppState>,
    User(user): User,
    Path(file): Path<String>,
) -> Result<Response, Error> {
    let names = store::downloads::claim(&state.pool, &user, &file).await.map_err(|error| match error {
        store::Error::NotFound => Error::not_found("Not Found"),
        store::Error::Forbidden => Error::forbidden("Not authorized to access this download"),
        other => other.into(),
    })?;
    let headers: [(HeaderName, String); 2] = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{file}\"")),
    ];
    Ok((headers, ResponseBody::from_stream(chunks(state.files, names))).into_response())
}

/// The zip's bytes. An image that is gone by now is left out.
fn chunks(
    files: ImageFiles,
    names: Vec<String>,
) -> impl futures::Stream<Item = Result<Bytes, store::Error>> + Send {
    let start = (Some(Zip::default()), names.into_iter(), files);
    stream::unfold(start, |(zip, mut names, files)| async move {
        let mut zip = zip?;
        for name in names.by_ref() {
            let data = match files.image(&name).await {
                Ok(data) => data,
                Err(store::Error::NotFound) => continue,
                Err(error) => return Some((vec![Err(error)], (None, names, files))),
            };
            let Some(entry) = zip.entry(&name, &data) else { break };
            return Some((entry.into_iter().map(Ok).collect(), (Some(zip), names, files)));
        }
        Some((vec![Ok(zip.finish())], (None, names, files)))
    })
    .flat_map(stream::iter)
}
