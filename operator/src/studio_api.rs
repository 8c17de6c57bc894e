//! The studio's HTTP API, as the operator uses it: with a short token that it signs itself.
use domain::{
    account::{OPERATOR_AUDIENCE, OPERATOR_TOKEN_SECONDS, SYSTEM_USER_ID},
    load::Load,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds that a token lasts: one request. Half of what the studio takes, so that clocks may differ by as much.
const LIFETIME: i64 = OPERATOR_TOKEN_SECONDS / 2;

/// What can go wrong in talking to a studio.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    /// It cannot be reached, or its answer cannot be read.
    #[error("the studio cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// It refused.
    #[error("the studio refused with {status}: {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why.
        detail: String,
    },
    /// The token could not be signed.
    #[error("no token can be signed: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
}

/// A result of talking to a studio.
pub type Result<T> = std::result::Result<T, StudioError>;

/// An account as the studio shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// The id.
    pub user_id: String,
    /// The address.
    pub email: String,
    /// The name that people see.
    pub display_name: Option<String>,
    /// Whether it is an administrator.
    pub is_admin: bool,
    /// Whether one may sign in with it.
    pub is_active: bool,
}

/// What is to change of an account; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AccountChanges {
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// A new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Whether it is an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_admin: Option<bool>,
    /// Whether one may sign in with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
}

#[derive(Serialize)]
struct Claims {
    user_id: &'static str,
    is_admin: bool,
    aud: &'static str,
    iat: i64,
    exp: i64,
}

/// A studio that can be talked to.
#[derive(Clone)]
pub struct Studio {
    http: reqwest::Client,
    base: String,
    key: EncodingKey,
}

/// The client that all studios share.
///
/// # Errors
/// When the system has no sockets to give.
pub fn http_client() -> reqwest::Result<reqwest::Client> {
    // Studios speak plain HTTP inside the cluster, but the client wants to know what TLS is made of.
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .connect_timeout(Duration::from_secs(2))
        .no_proxy()
        .build()
}

impl Studio {
    /// The studio at `base` (`http://host:port`), whose sessions `key` signs.
    pub fn new(http: reqwest::Client, base: String, key: &[u8]) -> Self {
        Self { http, base, key: EncodingKey::from_secret(key) }
    }

    fn token(&self) -> Result<String> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(since.as_secs()).unwrap_or(i64::MAX - LIFETIME);
        let claims = Claims {
            user_id: SYSTEM_USER_ID,
            is_admin: true,
            aud: OPERATOR_AUDIENCE,
            iat: now,
            exp: now + LIFETIME,
        };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.key)?)
    }

    async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<reqwest::Response> {
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).bearer_auth(self.token()?);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let answer: Value = response.json().await.unwrap_or_default();
        let detail = answer["detail"].as_str().map_or_else(|| answer["detail"].to_string(), str::to_owned);
        Err(StudioError::Refused { status: status.as_u16(), detail })
    }

    /// What the queue holds now.
    pub async fn load(&self) -> Result<Load> {
        Ok(self.send(reqwest::Method::GET, "/api/v1/cluster/load", None).await?.json().await?)
    }

    /// Every account.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        Ok(self.send(reqwest::Method::GET, "/api/v1/auth/users", None).await?.json().await?)
    }

    /// Makes an account.
    pub async fn create(&self, email: &str, password: &str, changes: &AccountChanges) -> Result<Account> {
        let body = json!({
            "email": email,
            "password": password,
            "display_name": changes.display_name,
            "is_admin": changes.is_admin.unwrap_or(false),
        });
        Ok(self.send(reqwest::Method::POST, "/api/v1/auth/users", Some(body)).await?.json().await?)
    }

    /// Changes an account.
    pub async fn update(&self, user_id: &str, changes: &AccountChanges) -> Result<Account> {
        let body = serde_json::to_value(changes).unwrap_or_default();
        let path = format!("/api/v1/auth/users/{user_id}");
        Ok(self.send(reqwest::Method::PATCH, &path, Some(body)).await?.json().await?)
    }

    /// Deletes an account; one that is gone already is no error.
    pub async fn delete(&self, user_id: &str) -> Result<()> {
        let path = format!("/api/v1/auth/users/{user_id}");
        match self.send(reqwest::Method::DELETE, &path, None).await {
            Ok(_) | Err(StudioError::Refused { status: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Gives everything that an account made to another one.
    pub async fn reassign(&self, user_id: &str, to_user_id: &str) -> Result<()> {
        let path = format!("/api/v1/cluster/users/{user_id}/reassign");
        self.send(reqwest::Method::POST, &path, Some(json!({ "to": to_user_id }))).await?;
        Ok(())
    }
}
