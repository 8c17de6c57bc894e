//! The one error of the server and its one response: `{"detail": …}` as FastAPI writes it.
use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What a handler answers when it cannot do what was asked.
#[derive(Debug)]
pub enum Error {
    /// A refusal with a status and a text for the client.
    Refused(StatusCode, Value),
    /// Too many attempts; seconds until the next one is looked at.
    TooManyRequests(u64),
    /// Something of ours broke; the client learns nothing of it, the log everything.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// A handler's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Any status with a text.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::Refused(status, Value::String(detail.into()))
    }
    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }
    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }
    /// 401.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }
    /// 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }
    /// 422 in the shape of upstream's validation, for a body.
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Self::invalid(&["body"], message)
    }
    /// 422 in the shape of upstream's validation; `location` says where.
    pub fn invalid(location: &[&str], message: impl Into<String>) -> Self {
        let message: String = message.into();
        let problem = json!([{ "type": "value_error", "loc": location, "msg": message, "input": null }]);
        Self::Refused(StatusCode::UNPROCESSABLE_ENTITY, problem)
    }
    /// 500; the reason goes to the log only.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

/// Middleware: what axum's own extractors refuse in plain text leaves as JSON, with upstream's status.
pub async fn refuse_in_json(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    let is_text = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !is_api || !is_text || !status.is_client_error() {
        return response;
    }
    let text = axum::body::to_bytes(response.into_body(), 4096).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    match status {
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => {
            Error::invalid(&["request"], text).into_response()
        }
        other => Error::new(other, text).into_response(),
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::not_found("Not found"),
            store::Error::Forbidden => Self::forbidden("Not authorized"),
            store::Error::Conflict(detail) => Self::new(StatusCode::CONFLICT, detail),
            other => Self::internal(other),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(status, detail) => {
                let mut response = (status, Json(json!({ "detail": detail }))).into_response();
                if status == StatusCode::UNAUTHORIZED {
                    response
                        .headers_mut()
                        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                }
                response
            }
            Self::TooManyRequests(seconds) => {
                let detail = format!("Too many failed logins. Try again in {seconds} seconds.");
                let mut response =
                    (StatusCode::TOO_MANY_REQUESTS, Json(json!({ "detail": detail }))).into_response();
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                response
            }
            Self::Internal(source) => {
                tracing::error!(error = %source, "a request failed");
                (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "detail": "Internal server error" })))
                    .into_response()
            }
        }
    }
}
