//! Accounts for administrators.
use super::{UserDto, as_bad_request, check_email, replace_session};
use crate::{
    error::{Error, Result},
    openapi::describe::Created,
    session::{Admin, AdminSession, password},
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::account::SYSTEM_USER_ID;
use schemars::JsonSchema;
use serde::Deserialize;
use store::accounts::{self, Account, AccountChanges, NewAccount};

const SYSTEM_PROTECTED: &str =
    "The system user cannot be deleted, deactivated, promoted to administrator, or given a password";

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "AdminUserCreateRequest")]
pub(super) struct NewUser {
    email: String,
    #[serde(default)]
    display_name: Option<String>,
    password: String,
    #[serde(default)]
    is_admin: bool,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "AdminUserUpdateRequest")]
pub(super) struct UserChanges {
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    is_admin: Option<bool>,
    #[serde(default)]
    is_active: Option<bool>,
}

impl UserChanges {
    fn only_name(&self) -> bool {
        self.password.is_none() && self.is_admin.is_none() && self.is_active.is_none()
    }
}

async fn find(state: &AppState, user_id: &str) -> Result<Account> {
    accounts::by_id(&state.pool, user_id).await?.ok_or_else(|| Error::not_found("User not found"))
}

pub(super) async fn list(State(state): State<AppState>, _: Admin) -> Result<Json<Vec<UserDto>>> {
    Ok(Json(accounts::list(&state.pool).await?.iter().map(UserDto::from).collect()))
}

pub(super) async fn create(
    State(state): State<AppState>,
    _: Admin,
    Json(body): Json<NewUser>,
) -> Result<Created<UserDto>> {
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
    Ok(Created((&account).into()))
}

pub(super) async fn get(
    State(state): State<AppState>,
    _: Admin,
    Path(user_id): Path<String>,
) -> Result<Json<UserDto>> {
    Ok(Json((&find(&state, &user_id).await?).into()))
}

pub(super) async fn update(
    State(state): State<AppState>,
    AdminSession(session): AdminSession,
    Path(user_id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<UserChanges>,
) -> Result<Response> {
    find(&state, &user_id).await?;
    if user_id == SYSTEM_USER_ID && !body.only_name() {
        return Err(Error::bad_request(SYSTEM_PROTECTED));
    }
    let mut hash = None;
    if let Some(new) = &body.password {
        password::check_strength(new, state.config.strict_password_checking)?;
        hash = Some(password::hash(new.clone()).await?);
    }
    let changes = AccountChanges {
        display_name: body.display_name.as_deref(),
        password_hash: hash.as_deref(),
        is_admin: body.is_admin,
        is_active: body.is_active,
    };
    let account = accounts::update(&state.pool, &user_id, &changes).await.map_err(as_bad_request)?;
    let mut response = Json(UserDto::from(&account)).into_response();
    let own = session.filter(|session| session.account.user_id == account.user_id);
    if let (Some(own), true, true) = (own, hash.is_some(), account.is_active) {
        replace_session(&state, &account, own.remember_me, &headers, &mut response)?;
    }
    Ok(response)
}

pub(super) async fn delete(
    State(state): State<AppState>,
    _: Admin,
    Path(user_id): Path<String>,
) -> Result<StatusCode> {
    find(&state, &user_id).await?;
    if user_id == SYSTEM_USER_ID {
        return Err(Error::bad_request(SYSTEM_PROTECTED));
    }
    accounts::delete(&state.pool, &user_id).await.map_err(as_bad_request)?;
    Ok(StatusCode::NO_CONTENT)
}
