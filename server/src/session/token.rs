//! Session tokens: JWT, HS256 and nothing else.
use crate::error::{Error, Result};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use std::fmt;
use store::accounts::Account;

/// Seconds that a token lasts: a day, or a week with "remember me".
pub fn lifetime(remember_me: bool) -> i64 {
    if remember_me { 7 * 86_400 } else { 86_400 }
}

/// What a token says; the fields of upstream's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The account.
    pub user_id: String,
    /// Its address when the token was made.
    pub email: String,
    /// Whether it was an administrator then; never trusted, the account is read again.
    pub is_admin: bool,
    /// Whether the token lasts a week.
    #[serde(default)]
    pub remember_me: bool,
    /// The account's epoch when the token was made.
    #[serde(default)]
    pub token_epoch: i64,
    /// When it ends, seconds since 1970.
    pub exp: i64,
}

/// The key that signs and checks tokens.
pub struct SigningKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// From secret bytes.
    pub fn new(secret: &[u8]) -> Self {
        Self { encoding: EncodingKey::from_secret(secret), decoding: DecodingKey::from_secret(secret) }
    }

    /// A token for the account as it is now.
    pub fn issue(&self, account: &Account, remember_me: bool) -> Result<String> {
        let claims = Claims {
            user_id: account.user_id.clone(),
            email: account.email.clone(),
            is_admin: account.is_admin,
            remember_me,
            token_epoch: account.token_epoch,
            exp: chrono::Utc::now().timestamp() + lifetime(remember_me),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(Error::internal)
    }

    /// The claims of a token that we signed and that has not ended.
    pub fn check(&self, token: &str) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        decode::<Claims>(token, &self.decoding, &validation).ok().map(|data| data.claims)
    }
}
