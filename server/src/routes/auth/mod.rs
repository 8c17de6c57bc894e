//! `/api/v1/auth`: accounts and sessions.
//!
//! - [`login`]: set-up, login, logout, the cookie of media elements
//! - [`profile`]: the account's own page
//! - [`users`]: accounts for administrators
mod login;
mod profile;
mod users;

use crate::{
    access::{Access, Endpoints},
    error::{Error, Result},
    session::{
        identify::{MEDIA_COOKIE, REFRESHED_TOKEN},
        token,
    },
    state::AppState,
};
use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use schemars::JsonSchema;
use serde::Serialize;
use store::accounts::Account;

/// The routes.
pub(crate) fn endpoints() -> Endpoints {
    let at = |path: &str| format!("/api/v1/auth{path}");
    Endpoints::new()
        .get(&at("/status"), Access::Public, login::status)
        .post(&at("/setup"), Access::Public, login::setup)
        .post(&at("/login"), Access::Public, login::login)
        .post(&at("/logout"), Access::Account, login::logout)
        .post(&at("/media-cookie"), Access::User, login::media_cookie)
        .get(&at("/me"), Access::Account, profile::get)
        .patch(&at("/me"), Access::Account, profile::update)
        .get(&at("/generate-password"), Access::Account, profile::generate_password)
        .get(&at("/users"), Access::AccountAdmin, users::list)
        .post(&at("/users"), Access::AccountAdmin, users::create)
        .get(&at("/users/{user_id}"), Access::AccountAdmin, users::get)
        .patch(&at("/users/{user_id}"), Access::AccountAdmin, users::update)
        .delete(&at("/users/{user_id}"), Access::AccountAdmin, users::delete)
}

/// An account as the wire shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserDTO")]
pub(super) struct UserDto {
    user_id: String,
    email: String,
    display_name: Option<String>,
    is_admin: bool,
    is_active: bool,
    created_at: String,
    updated_at: String,
    last_login_at: Option<String>,
    token_epoch: i64,
}

fn time(value: chrono::DateTime<chrono::Utc>) -> String {
    value.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

impl From<&Account> for UserDto {
    fn from(account: &Account) -> Self {
        Self {
            user_id: account.user_id.clone(),
            email: account.email.clone(),
            display_name: account.display_name.clone(),
            is_admin: account.is_admin,
            is_active: account.is_active,
            created_at: time(account.created_at),
            updated_at: time(account.updated_at),
            last_login_at: account.last_login_at.map(|at| format!("{}Z", time(at))),
            token_epoch: account.token_epoch,
        }
    }
}

/// One `@`, something on both sides, a dot or `localhost` as the domain, no spaces.
fn check_email(email: &str) -> Result<&str> {
    let email = email.trim();
    let parts: Vec<&str> = email.split('@').collect();
    let sound = parts.len() == 2
        && parts.iter().all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.'))
        && email.len() <= 254
        && !email.contains("..")
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"".contains(c))
        && (parts[1].contains('.') || parts[1].eq_ignore_ascii_case("localhost"));
    if sound { Ok(email) } else { Err(Error::invalid(&["body", "email"], "Invalid email address")) }
}

/// A taken address is 400 here, as upstream answers.
fn as_bad_request(error: store::Error) -> Error {
    match error {
        store::Error::Conflict(detail) => Error::bad_request(detail),
        store::Error::NotFound => Error::not_found("User not found"),
        other => other.into(),
    }
}

fn media_cookie_header(request: &HeaderMap, value: &str, max_age: i64) -> Result<HeaderValue> {
    let https = request.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let secure = if https { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{MEDIA_COOKIE}={value}; HttpOnly; Max-Age={max_age}; Path=/api/v1; SameSite=lax{secure}"
    ))
    .map_err(Error::internal)
}

/// Gives a person whose sessions have just been ended a new one, so that their own goes on.
fn replace_session(
    state: &AppState,
    account: &Account,
    remember_me: bool,
    request: &HeaderMap,
    response: &mut Response,
) -> Result<()> {
    let token = state.signing_key.issue(account, remember_me)?;
    let cookie = media_cookie_header(request, &token, token::lifetime(remember_me))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    let value = HeaderValue::from_str(&token).map_err(Error::internal)?;
    response.headers_mut().insert(REFRESHED_TOKEN, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_one_at_and_a_domain_are_accepted() {
        for email in ["a@example.com", " a@b.local ", "a.b+c@localhost", "Ä@example.com"] {
            assert!(check_email(email).is_ok(), "{email}");
        }
        for email in ["", "a", "a@", "@b.c", "a@b@c.d", "a b@c.d", "a@b", "a@.c", "<a@b.c>", "a..b@c.d"] {
            assert!(check_email(email).is_err(), "{email}");
        }
    }
}
