//! `/api/v1/auth`: set-up, login, the account's own page, and accounts for administrators.
use crate::{
    access::{Access, Endpoints},
    error::{Error, Result},
    session::{
        Admin, SignedIn,
        identify::{MEDIA_COOKIE, REFRESHED_TOKEN},
        password, token,
    },
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use domain::account::SYSTEM_USER_ID;
use rand::Rng;
use serde::Deserialize;
use serde_json::{Value, json};
use store::accounts::{self, Account, AccountChanges, NewAccount};

const BASE: &str = "/api/v1/auth";
const SYSTEM_PROTECTED: &str = "The internal system account cannot be changed";

/// The routes.
pub fn endpoints() -> Endpoints {
    let at = |path: &str| format!("{BASE}{path}");
    Endpoints::new()
        .get(&at("/status"), Access::Public, status)
        .post(&at("/setup"), Access::Public, setup)
        .post(&at("/login"), Access::Public, login)
        .post(&at("/logout"), Access::User, logout)
        .post(&at("/media-cookie"), Access::User, media_cookie)
        .get(&at("/me"), Access::User, me)
        .patch(&at("/me"), Access::User, update_me)
        .get(&at("/generate-password"), Access::User, generate_password)
        .get(&at("/users"), Access::Admin, list)
        .post(&at("/users"), Access::Admin, create)
        .get(&at("/users/{user_id}"), Access::Admin, get)
        .patch(&at("/users/{user_id}"), Access::Admin, update)
        .delete(&at("/users/{user_id}"), Access::Admin, delete)
}

fn time(value: chrono::DateTime<chrono::Utc>) -> String {
    value.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// An account as the wire shows it.
fn user_dto(account: &Account) -> Value {
    json!({
        "user_id": account.user_id,
        "email": account.email,
        "display_name": account.display_name,
        "is_admin": account.is_admin,
        "is_active": account.is_active,
        "created_at": time(account.created_at),
        "updated_at": time(account.updated_at),
        "last_login_at": account.last_login_at.map(|at| format!("{}Z", time(at))),
        "token_epoch": account.token_epoch,
    })
}

/// One `@`, something on both sides, a dot or a special name in the domain, no spaces.
fn check_email(email: &str) -> Result<&str> {
    let email = email.trim();
    let parts: Vec<&str> = email.split('@').collect();
    let sound = parts.len() == 2
        && parts.iter().all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.'))
        && email.len() <= 254
        && !email.contains("..")
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == '>')
        && (parts[1].contains('.') || parts[1].eq_ignore_ascii_case("localhost"));
    if sound { Ok(email) } else { Err(Error::unprocessable(format!("{email} is not an email address"))) }
}

fn media_cookie_header(request_headers: &HeaderMap, value: &str, max_age: i64) -> Result<HeaderValue> {
    let https = request_headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let secure = if https { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{MEDIA_COOKIE}={value}; HttpOnly; Max-Age={max_age}; Path=/api/v1; SameSite=lax{secure}"
    ))
    .map_err(Error::internal)
}

async fn status(State(state): State<AppState>) -> Result<Json<Value>> {
    let multiuser = state.config.multiuser;
    let setup_required = multiuser && !accounts::has_administrator(&state.pool).await?;
    Ok(Json(json!({
        "setup_required": setup_required,
        "multiuser_enabled": multiuser,
        "strict_password_checking": state.config.strict_password_checking,
        "admin_email": null,
    })))
}

#[derive(Deserialize)]
struct NewUser {
    email: String,
    #[serde(default)]
    display_name: Option<String>,
    password: String,
    #[serde(default)]
    is_admin: bool,
}

fn refuse_in_single_user_mode(state: &AppState, detail: &str) -> Result<()> {
    if state.config.multiuser { Ok(()) } else { Err(Error::forbidden(detail)) }
}

/// A taken address is 400 here, as upstream answers.
fn as_bad_request(error: store::Error) -> Error {
    match error {
        store::Error::Conflict(detail) => Error::bad_request(detail),
        store::Error::NotFound => Error::not_found("User not found"),
        other => other.into(),
    }
}

async fn setup(State(state): State<AppState>, Json(body): Json<NewUser>) -> Result<Json<Value>> {
    refuse_in_single_user_mode(
        &state,
        "Multiuser mode is disabled. Admin setup is not required in single-user mode.",
    )?;
    if accounts::has_administrator(&state.pool).await? {
        return Err(Error::bad_request("Administrator account already configured"));
    }
    let email = check_email(&body.email)?;
    password::check_strength(&body.password, state.config.strict_password_checking)?;
    let hash = password::hash(body.password.clone()).await?;
    let new = NewAccount {
        email,
        display_name: body.display_name.as_deref(),
        password_hash: &hash,
        is_admin: true,
    };
    let account = accounts::create_first_administrator(&state.pool, &new).await.map_err(as_bad_request)?;
    Ok(Json(json!({ "success": true, "user": user_dto(&account) })))
}

#[derive(Deserialize)]
struct Login {
    email: String,
    password: String,
    #[serde(default)]
    remember_me: bool,
}

/// The caller's address: the peer of the connection.
fn peer_address(request: &Request) -> String {
    request
        .extensions()
        .get::<axum::extract::ConnectInfo<std::net::SocketAddr>>()
        .map_or_else(|| "unknown".to_owned(), |info| info.0.ip().to_string())
}

async fn login(State(state): State<AppState>, request: Request) -> Result<Response> {
    refuse_in_single_user_mode(
        &state,
        "Multiuser mode is disabled. Authentication is not required in single-user mode.",
    )?;
    let address = peer_address(&request);
    let headers = request.headers().clone();
    let body: Json<Login> = axum::extract::FromRequest::from_request(request, &())
        .await
        .map_err(|error: axum::extract::rejection::JsonRejection| Error::unprocessable(error.body_text()))?;
    let email = check_email(&body.email)?;
    if let Some(seconds) = state.login_limits.wait(email, &address) {
        return Err(Error::TooManyRequests(seconds));
    }
    let account = accounts::by_email(&state.pool, email).await?;
    let hash = match &account {
        Some(account) => accounts::password_hash(&state.pool, &account.user_id).await?,
        None => None,
    };
    let right = password::verify(body.password.clone(), hash).await?;
    let Some(account) = account.filter(|_| right) else {
        state.login_limits.note_failure(email, &address);
        return Err(Error::unauthorized("Incorrect email or password"));
    };
    if !account.is_active {
        return Err(Error::forbidden("User account is disabled"));
    }
    state.login_limits.note_success(email);
    accounts::note_login(&state.pool, &account.user_id).await?;
    let account = accounts::by_id(&state.pool, &account.user_id).await?.unwrap_or(account);
    let token = state.signing_key.issue(&account, body.remember_me)?;
    let expires_in = token::lifetime(body.remember_me);
    let cookie = media_cookie_header(&headers, &token, expires_in)?;
    let answer = json!({ "token": token, "user": user_dto(&account), "expires_in": expires_in });
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(answer)).into_response())
}

async fn logout(_: SignedIn, headers: HeaderMap) -> Result<Response> {
    let cookie = media_cookie_header(&headers, "", 0)?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(json!({ "success": true }))).into_response())
}

async fn media_cookie(State(state): State<AppState>, _: SignedIn, headers: HeaderMap) -> Result<Response> {
    if !state.config.multiuser {
        return Ok(Json(json!({ "success": true })).into_response());
    }
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Error::unauthorized("Authentication required"))?;
    let claims =
        state.signing_key.check(token).ok_or_else(|| Error::unauthorized("Invalid or expired token"))?;
    let left = (claims.exp - chrono::Utc::now().timestamp()).max(0);
    let cookie = media_cookie_header(&headers, token, left)?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(json!({ "success": true }))).into_response())
}

async fn me(signed_in: SignedIn) -> Json<Value> {
    Json(user_dto(&signed_in.account))
}

#[derive(Deserialize)]
struct ProfileChanges {
    display_name: Option<String>,
    current_password: Option<String>,
    new_password: Option<String>,
}

async fn update_me(
    State(state): State<AppState>,
    signed_in: SignedIn,
    headers: HeaderMap,
    Json(body): Json<ProfileChanges>,
) -> Result<Response> {
    let user_id = &signed_in.account.user_id;
    let mut hash = None;
    if let Some(new) = &body.new_password {
        let Some(current) = body.current_password else {
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
    let mut response = Json(user_dto(&account)).into_response();
    if hash.is_some() {
        // The change ended every session; the caller's own goes on with a new token.
        let token = state.signing_key.issue(&account, signed_in.remember_me)?;
        let cookie = media_cookie_header(&headers, &token, token::lifetime(signed_in.remember_me))?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
        let value = HeaderValue::from_str(&token).map_err(Error::internal)?;
        response.headers_mut().insert(REFRESHED_TOKEN, value);
    }
    Ok(response)
}

async fn generate_password(_: SignedIn) -> Json<Value> {
    const PUNCTUATION: &[u8] = b"!#$%&()*+,-./:;<=>?@[]^_{|}~";
    let alphabet: Vec<u8> =
        (b'a'..=b'z').chain(b'A'..=b'Z').chain(b'0'..=b'9').chain(PUNCTUATION.iter().copied()).collect();
    let mut random = rand::rng();
    loop {
        let password: String =
            (0..16).map(|_| char::from(alphabet[random.random_range(0..alphabet.len())])).collect();
        if password::check_strength(&password, true).is_ok() {
            return Json(json!({ "password": password }));
        }
    }
}

async fn list(State(state): State<AppState>, _: Admin) -> Result<Json<Value>> {
    Ok(Json(accounts::list(&state.pool).await?.iter().map(user_dto).collect()))
}

async fn create(
    State(state): State<AppState>,
    _: Admin,
    Json(body): Json<NewUser>,
) -> Result<(StatusCode, Json<Value>)> {
    let email = check_email(&body.email)?;
    password::check_strength(&body.password, state.config.strict_password_checking)?;
    let hash = password::hash(body.password.clone()).await?;
    let new = NewAccount {
        email,
        display_name: body.display_name.as_deref(),
        password_hash: &hash,
        is_admin: body.is_admin,
    };
    let account = accounts::create(&state.pool, &new).await.map_err(as_bad_request)?;
    Ok((StatusCode::CREATED, Json(user_dto(&account))))
}

async fn get(State(state): State<AppState>, _: Admin, Path(user_id): Path<String>) -> Result<Json<Value>> {
    let account = accounts::by_id(&state.pool, &user_id).await?;
    Ok(Json(user_dto(&account.ok_or_else(|| Error::not_found("User not found"))?)))
}

#[derive(Deserialize)]
struct UserChanges {
    display_name: Option<String>,
    password: Option<String>,
    is_admin: Option<bool>,
    is_active: Option<bool>,
}

fn protect_system(user_id: &str) -> Result<()> {
    if user_id == SYSTEM_USER_ID { Err(Error::bad_request(SYSTEM_PROTECTED)) } else { Ok(()) }
}

async fn update(
    State(state): State<AppState>,
    _: Admin,
    Path(user_id): Path<String>,
    Json(body): Json<UserChanges>,
) -> Result<Json<Value>> {
    protect_system(&user_id)?;
    let mut hash = None;
    if let Some(new) = body.password {
        password::check_strength(&new, state.config.strict_password_checking)?;
        hash = Some(password::hash(new).await?);
    }
    let changes = AccountChanges {
        display_name: body.display_name.as_deref(),
        password_hash: hash.as_deref(),
        is_admin: body.is_admin,
        is_active: body.is_active,
    };
    let account = accounts::update(&state.pool, &user_id, &changes).await.map_err(as_bad_request)?;
    Ok(Json(user_dto(&account)))
}

async fn delete(State(state): State<AppState>, _: Admin, Path(user_id): Path<String>) -> Result<StatusCode> {
    protect_system(&user_id)?;
    accounts::delete(&state.pool, &user_id).await.map_err(as_bad_request)?;
    Ok(StatusCode::NO_CONTENT)
}
