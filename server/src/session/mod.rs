//! Who is asking: tokens, passwords, and the extractors that are the only way to a user id.
pub mod identify;
pub mod limits;
pub mod password;
pub mod token;

use crate::error::Error;
use axum::{extract::FromRequestParts, http::request::Parts};
use domain::account::CurrentUser;
use store::accounts::Account;

/// Who a request comes from, found once by [`identify::identify`].
#[derive(Debug, Clone)]
pub enum Identity {
    /// No credentials.
    Anonymous,
    /// Credentials that do not hold; why.
    Refused(&'static str),
    /// The cookie that media elements send.
    Cookie(Account),
    /// A bearer token (or single-user mode).
    Token {
        /// The account, as it is now.
        account: Account,
        /// Whether the token lasts a week.
        remember_me: bool,
    },
}

/// The account that asks.
#[derive(Debug, Clone)]
pub struct User(pub CurrentUser);

/// The administrator that asks.
#[derive(Debug, Clone)]
pub struct Admin(pub CurrentUser);

/// The whole account that asks, for the account's own routes.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account, as it is now.
    pub account: Account,
    /// Whether the token lasts a week.
    pub remember_me: bool,
}

fn current(account: &Account) -> CurrentUser {
    CurrentUser { user_id: account.user_id.clone(), is_admin: account.is_admin }
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Token { account, .. } | Identity::Cookie(account)) => Ok(Self(current(account))),
            Some(Identity::Refused(detail)) => Err(Error::unauthorized(*detail)),
            _ => Err(Error::unauthorized("Authentication required")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Token { account, .. }) if account.is_admin => Ok(Self(current(account))),
            Some(Identity::Token { .. }) => Err(Error::forbidden("Admin privileges required")),
            _ => Err(Error::unauthorized("Authentication required")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Token { account, remember_me }) => {
                Ok(Self { account: account.clone(), remember_me: *remember_me })
            }
            _ => Err(Error::unauthorized("Authentication required")),
        }
    }
}
