//! Finds who a request comes from, once, by reading the account again; renews tokens as they are used.
use super::{Identity, Refusal};
use crate::state::AppState;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use domain::account::SYSTEM_USER_ID;

/// The cookie that media elements send.
pub const MEDIA_COOKIE: &str = "invokeai_media_token";
/// The header with a renewed token.
pub const REFRESHED_TOKEN: &str = "x-refreshed-token";

/// The account behind a token, if it still holds.
pub async fn identity_of_token(state: &AppState, token: &str) -> Identity {
    let Some(claims) = state.signing_key.check(token) else { return Identity::Refused(Refusal::Invalid) };
    // Nobody signs in as the internal account, so a token of it is no session.
    if claims.user_id == SYSTEM_USER_ID {
        return Identity::Refused(Refusal::Account);
    }
    match state.readers.accounts.get(claims.user_id).await {
        Ok(Some(account)) if account.is_active && account.token_epoch == claims.token_epoch => {
            Identity::Token { account, remember_me: claims.remember_me }
        }
        Ok(_) => Identity::Refused(Refusal::Account),
        Err(error) => {
            tracing::error!(%error, "an account could not be read");
            Identity::Refused(Refusal::Unknown)
        }
    }
}

/// The internal account of single-user mode.
pub async fn single_user(state: &AppState) -> Identity {
    match state.readers.accounts.get(SYSTEM_USER_ID.to_owned()).await {
        Ok(Some(account)) => Identity::SingleUser(account),
        _ => Identity::Refused(Refusal::Unknown),
    }
}

/// The internal account, for whom the operator acts.
async fn operator(state: &AppState) -> Identity {
    match state.readers.accounts.get(SYSTEM_USER_ID.to_owned()).await {
        Ok(Some(account)) => Identity::Operator(account),
        _ => Identity::Refused(Refusal::Unknown),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Middleware: puts an [`Identity`] on every request and a fresh token on answers to changes.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let identity = if !request.uri().path().starts_with("/api/") {
        Identity::Anonymous
    } else if !state.config.multiuser {
        single_user(&state).await
    } else if let Some(token) = bearer(request.headers()) {
        match state.signing_key.check_operator(token) {
            true => operator(&state).await,
            false => identity_of_token(&state, token).await,
        }
    } else if let Some(token) = cookie(request.headers(), MEDIA_COOKIE) {
        match identity_of_token(&state, token).await {
            Identity::Token { account, .. } => Identity::Cookie(account),
            other => other,
        }
    } else {
        Identity::Anonymous
    };
    let renewed = match &identity {
        Identity::Token { account, remember_me } if renews(&request) => {
            state.signing_key.issue(account, *remember_me).ok()
        }
        _ => None,
    };
    request.extensions_mut().insert(identity);
    let mut response = next.run(request).await;
    if let Some(token) = renewed.filter(|_| response.status().is_success())
        && !response.headers().contains_key(REFRESHED_TOKEN)
        && let Ok(value) = HeaderValue::from_str(&token)
    {
        response.headers_mut().insert(REFRESHED_TOKEN, value);
    }
    response
}

/// Reads happen by themselves in the background; only changes show that a person is there.
fn renews(request: &Request) -> bool {
    const OWN_AFFAIR: [&str; 3] = ["/api/v1/auth/login", "/api/v1/auth/logout", "/api/v1/auth/media-cookie"];
    !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && !OWN_AFFAIR.contains(&request.uri().path())
}
