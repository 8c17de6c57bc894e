//! The stock UI from its directory, with caching and security headers.
use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use std::path::Path;
use tower_http::services::{ServeDir, ServeFile};

/// What the stock UI needs and nothing more: its own scripts, inline styles, blobs and data URLs of images, sockets.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self' data:; \
    connect-src 'self' blob: data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; \
    form-action 'self'; frame-ancestors 'self'";

/// Serves the folder; pages of the UI, which routes by itself, all are `index.html`.
pub fn router<S: Clone + Send + Sync + 'static>(ui: Option<&Path>) -> Router<S> {
    let Some(folder) = ui else {
        return Router::new().fallback(async || {
            (StatusCode::NOT_FOUND, "No web UI is configured: start with --ui-dir or set INVOKEAI_UI_DIR")
                .into_response()
        });
    };
    let index = ServeFile::new(folder.join("index.html"));
    let files = ServeDir::new(folder).fallback(index);
    Router::new().fallback_service(files).layer(middleware::from_fn(cache))
}

fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

/// Whether a file's name tells its content, as the bundler's `name-Ab3_x9Zq.js`.
fn is_hashed(path: &str) -> bool {
    let hash = path
        .strip_prefix("/assets/")
        .and_then(|name| name.rsplit_once('.'))
        .and_then(|(stem, _)| stem.get(stem.len().checked_sub(9)?..)?.strip_prefix('-'));
    hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)))
}

async fn cache(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file && is_html(&response) && !path.ends_with(".html") {
        // A script of another version must not become a page.
        return StatusCode::NOT_FOUND.into_response();
    }
    let value = if is_html(&response) {
        "no-store"
    } else if is_hashed(&path) && response.status().is_success() {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    response
}

/// Middleware: security headers on every answer.
pub async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("/assets/index-BpMPqZAt.js"));
        assert!(is_hashed("/assets/App-D4_-x9Zq.css"));
        assert!(!is_hashed("/assets/images/mask.svg"));
        assert!(!is_hashed("/assets/a.js"));
        assert!(!is_hashed("/index.html"));
    }
}
