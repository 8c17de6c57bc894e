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
    connect-src 'self' ws: wss: blob: data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; \
    form-action 'self'; frame-ancestors 'self'";

/// Serves the folder; unknown paths without an ending get `index.html`, since the UI routes by itself.
pub fn router<S: Clone + Send + Sync + 'static>(ui: Option<&Path>) -> Router<S> {
    let Some(folder) = ui else {
        return Router::new().fallback(async || {
            (StatusCode::NOT_FOUND, "No web UI is configured: start with --ui-dir or set INVOKEAI_UI_DIR").into_response()
        });
    };
    let files = ServeDir::new(folder).precompressed_gzip().fallback(ServeFile::new(folder.join("index.html")));
    Router::new().fallback_service(files).layer(middleware::from_fn(cache))
}

async fn cache(request: Request, next: Next) -> Response {
    let hashed = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"));
    let value = if html {
        "no-store"
    } else if hashed {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
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
