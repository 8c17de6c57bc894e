//! Set-up, login, logout, the cookie of media elements.
use super::{UserDto, as_bad_request, check_email, media_cookie_header};
use crate::{
    error::{Error, Result},
    session::{SignedIn, User, limits::Attempt, password, token},
    state::AppState,
};
use axum::{
    Json,
    extract::{ConnectInfo, FromRequest, Request, State},
    http::{HeaderMap, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use store::accounts::{self, Account, NewAccount};

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SetupStatusResponse")]
pub(super) struct SetupStatus {
    setup_required: bool,
    multiuser_enabled: bool,
    strict_password_checking: bool,
    admin_email: Option<String>,
}

pub(super) async fn status(State(state): State<AppState>) -> Result<Json<SetupStatus>> {
    let multiuser = state.config.multiuser;
    Ok(Json(SetupStatus {
        setup_required: multiuser && !accounts::has_administrator(&state.pool).await?,
        multiuser_enabled: multiuser,
        strict_password_checking: state.config.strict_password_checking,
        // Nobody is an administrator yet while this could be told, and later it is nobody's business.
        admin_email: None,
    }))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "SetupRequest")]
pub(super) struct Setup {
    email: String,
    #[serde(default)]
    display_name: Option<String>,
    password: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SetupResponse")]
pub(super) struct SetUp {
    success: bool,
    user: UserDto,
}

fn refuse_in_single_user_mode(state: &AppState, detail: &str) -> Result<()> {
    if state.config.multiuser { Ok(()) } else { Err(Error::forbidden(detail)) }
}

pub(super) async fn setup(State(state): State<AppState>, Json(body): Json<Setup>) -> Result<Json<SetUp>> {
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
    let display_name = body.display_name.as_deref();
    let new = NewAccount { email, display_name, password_hash: &hash, is_admin: true };
    let account = accounts::create_first_administrator(&state.pool, &new).await.map_err(as_bad_request)?;
    Ok(Json(SetUp { success: true, user: (&account).into() }))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "LoginRequest")]
pub(super) struct Login {
    email: String,
    password: String,
    #[serde(default)]
    remember_me: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LoginResponse")]
pub(super) struct LoggedIn {
    token: String,
    user: UserDto,
    expires_in: i64,
}

/// Who the connection comes from; behind a proxy that is trusted, whom the proxy says it comes from.
fn peer_address(state: &AppState, request: &Request) -> String {
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        // What stands before it was written by the client.
        .rfind(|_| state.config.behind_proxy);
    let peer = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    forwarded.map(ToOwned::to_owned).or_else(peer).unwrap_or_else(|| "unknown".to_owned())
}

/// The account of a right password. An unknown address takes the same steps and the same time.
async fn authenticate(state: &AppState, email: &str, password: String) -> Result<Account> {
    let account = accounts::by_email(&state.pool, email).await?;
    let user_id = account.as_ref().map_or("", |account| account.user_id.as_str());
    let hash = accounts::password_hash(&state.pool, user_id).await?;
    let right = password::verify(password, hash).await?;
    account.filter(|_| right).ok_or_else(|| Error::unauthorized("Incorrect email or password"))
}

pub(super) async fn login(State(state): State<AppState>, request: Request) -> Result<Response> {
    refuse_in_single_user_mode(
        &state,
        "Multiuser mode is disabled. Authentication is not required in single-user mode.",
    )?;
    let address = peer_address(&state, &request);
    let headers = request.headers().clone();
    let Json(body) = Json::<Login>::from_request(request, &state)
        .await
        .map_err(|error| Error::unprocessable(error.body_text()))?;
    let email = check_email(&body.email)?;
    let attempt = Attempt::begin(&state.pool, email, &address).await?.map_err(Error::TooManyRequests)?;
    let account = authenticate(&state, email, body.password).await?;
    attempt.succeeded(&state.pool).await?;
    if !account.is_active {
        return Err(Error::forbidden("User account is disabled"));
    }
    accounts::note_login(&state.pool, &account.user_id).await?;
    let account = accounts::by_id(&state.pool, &account.user_id).await?.unwrap_or(account);
    let token = state.signing_key.issue(&account, body.remember_me)?;
    let expires_in = token::lifetime(body.remember_me);
    let cookie = media_cookie_header(&headers, &token, expires_in)?;
    let answer = LoggedIn { token, user: (&account).into(), expires_in };
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(answer)).into_response())
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LogoutResponse")]
pub(super) struct LoggedOut {
    success: bool,
}

pub(super) async fn logout(_: SignedIn, headers: HeaderMap) -> Result<Response> {
    let cookie = media_cookie_header(&headers, "", 0)?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(LoggedOut { success: true })).into_response())
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MediaCookieResponse")]
pub(super) struct CookieSet {
    success: bool,
}

pub(super) async fn media_cookie(
    State(state): State<AppState>,
    _: User,
    headers: HeaderMap,
) -> Result<Response> {
    let answer = Json(CookieSet { success: true });
    if !state.config.multiuser {
        return Ok(answer.into_response());
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
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), answer).into_response())
}
