//! Session tokens: JWT, HS256 and nothing else.
use crate::error::{Error, Result};
use domain::account::{OPERATOR_AUDIENCE, OPERATOR_TOKEN_SECONDS, SYSTEM_USER_ID};
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

/// What a token of the operator says.
#[derive(Debug, Serialize, Deserialize)]
struct OperatorClaims {
    user_id: String,
    is_admin: bool,
    iat: i64,
    exp: i64,
}

/// A secret of which keys are made; at least [`KeyMaterial::SHORTEST`] bytes.
#[derive(Clone)]
pub struct KeyMaterial(String);

impl KeyMaterial {
    /// The fewest bytes: as many as HS256 gives (RFC 7518, section 3.2).
    pub const SHORTEST: usize = 32;

    /// The secret without white space around it; `None` when it is too short.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.len() >= Self::SHORTEST).then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyMaterial(…)")
    }
}

/// The key that signs and checks tokens.
pub struct SigningKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
    /// Whether the operator has it too.
    is_shared: bool,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// From secret bytes.
    pub fn new(secret: &[u8]) -> Self {
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            is_shared: false,
        }
    }

    /// The same, of a key that the operator has too: only then its tokens are accepted.
    pub fn shared(secret: &KeyMaterial) -> Self {
        Self { is_shared: true, ..Self::new(secret.0.as_bytes()) }
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

    /// Whether the operator signed this token a moment ago: for its own audience, as an administrator and the internal
    /// account, for [`OPERATOR_TOKEN_SECONDS`] at most. The server never issues one.
    pub fn check_operator(&self, token: &str) -> bool {
        if !self.is_shared {
            return false;
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_required_spec_claims(&["exp", "aud"]);
        validation.set_audience(&[OPERATOR_AUDIENCE]);
        let Ok(data) = decode::<OperatorClaims>(token, &self.decoding, &validation) else { return false };
        let OperatorClaims { user_id, is_admin, iat, exp } = data.claims;
        let now = chrono::Utc::now().timestamp();
        let is_short = (0..=OPERATOR_TOKEN_SECONDS).contains(&exp.saturating_sub(iat));
        is_admin && user_id == SYSTEM_USER_ID && is_short && exp.saturating_sub(now) <= OPERATOR_TOKEN_SECONDS
    }
}
