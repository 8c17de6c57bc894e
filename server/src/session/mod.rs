//! Who is asking: tokens, passwords, and the extractors that are the only way to a user id.
//!
//! - [`identify`]: the middleware that finds it, once for every request
//! - [`token`], [`password`], [`limits`]: what logins are made of
pub mod identify;
pub(crate) mod limits;
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
    /// Credentials that do not hold.
    Refused(Refusal),
    /// The cookie that media elements send.
    Cookie(Account),
    /// A bearer token.
    Token {
        /// The account, as it is now.
        account: Account,
        /// Whether the token lasts a week.
        remember_me: bool,
    },
    /// Single-user mode: everybody is the internal account.
    SingleUser(Account),
    /// The operator of the cluster, by a token that it signed itself, as the internal account. It is an administrator
    /// of accounts and reads the load, and is nobody to all other routes.
    Operator(Account),
}

/// Why credentials do not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not ours, or over.
    Invalid,
    /// The account is gone or may not sign in, or its sessions were ended.
    Account,
    /// The account could not be read.
    Unknown,
}

impl Refusal {
    fn error(self) -> Error {
        Error::unauthorized(match self {
            Self::Invalid => "Invalid or expired token",
            Self::Account => "User not found or inactive",
            Self::Unknown => "The account could not be checked, try again",
        })
    }

    /// The texts of the routes on accounts, which upstream words differently.
    fn account_error(self) -> Error {
        Error::unauthorized(match self {
            Self::Invalid => "Invalid or expired authentication token",
            Self::Account => "User account is inactive or does not exist",
            Self::Unknown => "The account could not be checked, try again",
        })
    }
}

const NOT_ADMIN: &str = "Admin privileges required";
const NOT_FOR_OPERATORS: &str = "The operator may not use this";

impl Identity {
    /// The account that asks, by a token.
    pub fn user(&self) -> Result<&Account, Error> {
        match self {
            Self::Token { account, .. } | Self::SingleUser(account) => Ok(account),
            Self::Refused(refusal) => Err(refusal.error()),
            Self::Anonymous | Self::Cookie(_) => Err(Error::unauthorized("Authentication required")),
            Self::Operator(_) => Err(Error::forbidden(NOT_FOR_OPERATORS)),
        }
    }

    /// The account that asks, by a token or the cookie of media elements.
    pub fn media(&self) -> Result<&Account, Error> {
        match self {
            Self::Cookie(account) => Ok(account),
            other => other.user(),
        }
    }

    /// The administrator that asks.
    pub fn administrator(&self) -> Result<&Account, Error> {
        self.user().and_then(only_administrators)
    }

    /// The administrator that asks, or the operator.
    pub fn administrator_or_operator(&self) -> Result<&Account, Error> {
        match self {
            Self::Operator(account) => Ok(account),
            other => other.administrator(),
        }
    }

    /// The account of a token; in single-user mode nobody.
    pub fn signed_in(&self) -> Result<(&Account, bool), Error> {
        match self {
            Self::Token { account, remember_me } => Ok((account, *remember_me)),
            Self::Refused(refusal) => Err(refusal.account_error()),
            Self::Anonymous | Self::Cookie(_) | Self::SingleUser(_) => {
                Err(Error::unauthorized("Missing authentication credentials"))
            }
            Self::Operator(_) => Err(Error::forbidden(NOT_FOR_OPERATORS)),
        }
    }

    /// The administrator of a token, or the operator; in single-user mode nobody else.
    pub fn account_administrator(&self) -> Result<&Account, Error> {
        match self {
            Self::Operator(account) => Ok(account),
            other => other.signed_in().and_then(|(account, _)| only_administrators(account)),
        }
    }
}

fn only_administrators(account: &Account) -> Result<&Account, Error> {
    if account.is_admin { Ok(account) } else { Err(Error::forbidden(NOT_ADMIN)) }
}

/// The account that asks. A cookie counts only where the route's table row admits it.
#[derive(Debug, Clone)]
pub struct User(pub CurrentUser);

/// The administrator that asks, or the operator where the route's table row admits it.
#[derive(Debug, Clone)]
pub struct Admin(pub CurrentUser);

/// The session of the administrator that asks; the operator has none.
#[derive(Debug, Clone)]
pub struct AdminSession(pub Option<SignedIn>);

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

fn identity(parts: &Parts) -> &Identity {
    parts.extensions.get::<Identity>().unwrap_or(&Identity::Anonymous)
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        identity(parts).media().map(|account| Self(current(account)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        identity(parts).administrator_or_operator().map(|account| Self(current(account)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        identity(parts)
            .signed_in()
            .map(|(account, remember_me)| Self { account: account.clone(), remember_me })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AdminSession {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        identity(parts).account_administrator()?;
        Ok(Self(SignedIn::from_request_parts(parts, state).await.ok()))
    }
}
