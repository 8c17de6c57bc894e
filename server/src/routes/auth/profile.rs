//! The account's own page.
use super::{UserDto, as_bad_request, replace_session};
use crate::{
    error::{Error, Result},
    session::{SignedIn, password},
    state::AppState,
};
use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::accounts::{self, AccountChanges};

pub(super) async fn get(signed_in: SignedIn) -> Json<UserDto> {
    Json((&signed_in.account).into())
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "UserProfileUpdateRequest")]
pub(super) struct ProfileChanges {
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    current_password: Option<String>,
    #[serde(default)]
    new_password: Option<String>,
}

pub(super) async fn update(
    State(state): State<AppState>,
    signed_in: SignedIn,
    headers: HeaderMap,
    Json(body): Json<ProfileChanges>,
) -> Result<Response> {
    let user_id = &signed_in.account.user_id;
    let mut hash = None;
    if let Some(new) = &body.new_password {
        let Some(current) = body.current_password.filter(|current| !current.is_empty()) else {
            return Err(Error::bad_request("Current password is required to set a new password"));
        };
        let stored = accounts::password_hash(&state.pool, user_id).await?;
        if !password::verify(current, stored).await? {
            return Err(Error::bad_request("Current password is incorrect"));
        }
        password::check_strength(new, state.config.strict_password_checking)?;
        hash = Some(password::hash(new.clone()).await?);
    }
    let changes = AccountChanges {
        display_name: body.display_name.as_deref(),
        password_hash: hash.as_deref(),
        ..AccountChanges::default()
    };
    let account = accounts::update(&state.pool, user_id, &changes).await.map_err(as_bad_request)?;
    let mut response = Json(UserDto::from(&account)).into_response();
    if hash.is_some() {
        replace_session(&state, &account, signed_in.remember_me, &headers, &mut response)?;
    }
    Ok(response)
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GeneratePasswordResponse")]
pub(super) struct GeneratedPassword {
    password: String,
}

pub(super) async fn generate_password(_: SignedIn) -> Json<GeneratedPassword> {
    const PUNCTUATION: &[u8] = b"!#$%&()*+,-./:;<=>?@[]^_{|}~";
    let alphabet: Vec<u8> =
        (b'a'..=b'z').chain(b'A'..=b'Z').chain(b'0'..=b'9').chain(PUNCTUATION.iter().copied()).collect();
    let mut random = rand::rng();
    loop {
        let password: String =
            (0..16).map(|_| char::from(alphabet[random.random_range(0..alphabet.len())])).collect();
        if password::check_strength(&password, true).is_ok() {
            return Json(GeneratedPassword { password });
        }
    }
}
