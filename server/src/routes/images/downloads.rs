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
use domain::account::CurrentUser;
use futures::{StreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::{
    files::ImageFiles,
    gallery::{Filter, Order},
    images::Filing,
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
    let mut title = String::new();
    if let Some(board_id) = wanted.board_id {
        boards::check_listing(&state, &user, Some(&board_id)).await?;
        title = board_title(&state, &user, &board_id).await? + "_";
        let filter = Filter { board_id: Some(board_id), is_intermediate: Some(false), ..Filter::default() };
        let order = Order { starred_first: false, ascending: true };
        names = store::gallery::names(&state.pool, &user, &filter, order).await?.0;
    }
    let file = format!("{title}{}.zip", uuid::Uuid::new_v4());
    store::downloads::record(&state.pool, &user, &file, &names).await?;
    notices::download_complete(&state, &user.user_id, &file).await?;
    Ok(Accepted(Prepared { response: None, bulk_download_item_name: Some(file) }))
}

/// What a board's zip is called: the letters, digits, blanks, `_` and `-` of its name.
async fn board_title(state: &AppState, user: &CurrentUser, board_id: &str) -> Result<String, Error> {
    if board_id == "none" {
        return Ok("Uncategorized".to_owned());
    }
    let board = store::boards::get(&state.pool, user, board_id, store::boards::Access::Read).await?;
    Ok(plain(&board.board_name))
}

fn plain(name: &str) -> String {
    let kept = |character: &char| character.is_alphanumeric() || matches!(character, ' ' | '_' | '-');
    name.chars().filter(kept).collect::<String>().trim_end().to_owned()
}

/// RFC 6266: a name that is not plain ASCII is written in the extended form.
fn disposition(file: &str) -> String {
    match percent_encode(file.as_bytes(), UNRESERVED).to_string() {
        encoded if encoded == file => format!("inline; filename=\"{file}\""),
        encoded => format!("inline; filename*=utf-8''{encoded}"),
    }
}

/// All but the letters, digits and marks that RFC 5987 lets stand.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

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
        (header::CONTENT_DISPOSITION, disposition(&file)),
    ];
    let filings = store::images::filings(&state.pool, &names).await?;
    Ok((headers, ResponseBody::from_stream(chunks(state.files, names, filings))).into_response())
}

/// The zip's bytes, every image in the folder of its category. An image that is gone by now is left out.
fn chunks(
    files: ImageFiles,
    names: Vec<String>,
    mut filings: HashMap<String, Filing>,
) -> impl futures::Stream<Item = Result<Bytes, store::Error>> + Send {
    let filed = names.into_iter().filter_map(move |name| filings.remove_entry(&name));
    let start = (Some(Zip::default()), filed, files);
    stream::unfold(start, |(zip, mut names, files)| async move {
        let mut zip = zip?;
        for (name, filing) in names.by_ref() {
            let data = match files.image(&name).await {
                Ok(data) => data,
                Err(store::Error::NotFound) => continue,
                Err(error) => return Some((vec![Err(error)], (None, names, files))),
            };
            let path = format!("{}/{name}", filing.category);
            let Some(entry) = zip.entry(&path, &data, filing.created_at) else { break };
            return Some((entry.into_iter().map(Ok).collect(), (Some(zip), names, files)));
        }
        Some((vec![Ok(zip.finish())], (None, names, files)))
    })
    .flat_map(stream::iter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boards_name_becomes_a_files_name() {
        assert_eq!(plain("Ärger/im\\ 2. Stock \"!\" "), "Ärgerim 2 Stock");
        assert_eq!(disposition("a_b-1.zip"), "inline; filename=\"a_b-1.zip\"");
        assert_eq!(disposition("Är ger_1.zip"), "inline; filename*=utf-8''%C3%84r%20ger_1.zip");
    }
}
