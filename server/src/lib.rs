//! The axum API: InvokeAI 6.14.2's HTTP and socket.io interface over the store.
//!
//! - [`state`]: what every handler can reach
//! - [`error`]: the one error and its response
//! - [`access`]: the authorization table, routes can only be added with an entry in it
//! - [`session`]: who is asking (extractors, tokens, passwords)
//! - [`defaults`]: workflows and prompt templates that every studio has
//! - [`readers`]: reads that requests share
//! - [`request`]: bodies and query strings
//! - [`routes`]: one file a resource
//! - [`sockets`]: socket.io, rooms and redaction, the relay of events
//! - [`notices`]: events that the server itself causes
//! - [`pages`]: the stock UI
//! - [`trace`]: request ids and logs
//! - [`mod@openapi`]: the document at `/openapi.json`
//! - [`mod@metrics`]: for Prometheus
pub mod access;
pub mod defaults;
pub mod error;
pub mod metrics;
mod notices;
pub mod openapi;
pub mod pages;
pub mod readers;
mod request;
pub mod routes;
pub mod session;
pub mod sockets;
pub mod state;
pub mod trace;

use axum::{Router, http::header, middleware, routing::get};
use bytes::Bytes;
use domain::node_schema::NodeSchema;
use session::token::SigningKey;
use sqlx::PgPool;
pub use state::{AppState, Config};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use store::files::ImageFiles;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
};

/// Puts together what handlers reach; a signing key that was not given is made on the first start and kept in the
/// database.
///
/// # Errors
/// When the database does not answer.
pub async fn state(
    config: Config,
    pool: PgPool,
    files: ImageFiles,
    node_schemas: Vec<NodeSchema>,
) -> store::Result<AppState> {
    let signing_key = match &config.signing_key {
        Some(shared) => SigningKey::shared(shared),
        None => {
            let fresh = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
            let secret = store::settings::get_or_set(&pool, "session_signing_key", &fresh).await?;
            SigningKey::new(secret.as_bytes())
        }
    };
    Ok(AppState {
        readers: Arc::new(readers::Readers::new(&pool)),
        pool,
        files,
        config: Arc::new(config),
        node_schemas: Arc::new(node_schemas),
        signing_key: Arc::new(signing_key),
    })
}

/// The whole application as an axum router.
pub fn router(state: AppState) -> Router {
    let endpoints = routes::endpoints();
    let document = Bytes::from(openapi::document(endpoints.table(), &state.node_schemas).to_string());
    let pages = pages::router(state.config.ui_dir.as_deref());
    let identify = middleware::from_fn_with_state(state.clone(), session::identify::identify);
    endpoints
        .into_router()
        .route("/openapi.json", get(async move || ([(header::CONTENT_TYPE, "application/json")], document)))
        .route("/api/{*rest}", axum::routing::any(routes::unimplemented::answer))
        .method_not_allowed_fallback(routes::unimplemented::answer)
        .layer(middleware::from_fn(error::refuse_in_json))
        .layer(identify)
        .layer(middleware::from_fn(metrics::observe))
        // Inside of what names requests, so that a panic has its request's id too.
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(trace::trace))
        .with_state(state)
        .fallback_service(pages)
        // Zips hold pictures, which do not shrink either.
        .layer(
            CompressionLayer::new()
                .compress_when(DefaultPredicate::new().and(NotForContentType::new("application/zip"))),
        )
        .layer(middleware::from_fn(pages::protect))
}

/// How long requests under way may take once the server is to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// Serves until `shutdown`, then finishes the requests under way.
///
/// # Errors
/// When the database or the listener fails.
pub async fn serve(
    config: Config,
    pool: PgPool,
    files: ImageFiles,
    node_schemas: Vec<NodeSchema>,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    defaults::synchronize(&pool).await?;
    let state = state(config, pool, files, node_schemas).await?;
    let (sockets, emitter) = sockets::layer(state.clone());
    tokio::spawn(sockets::relay::run(emitter, state.pool.clone(), shutdown.clone()));
    let application = router(state).layer(sockets).into_make_service_with_connect_info::<SocketAddr>();
    let served =
        axum::serve(listener, application).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let overdue = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        result = served.into_future() => result?,
        () = overdue => tracing::warn!("requests that took too long were cut off"),
    }
    Ok(())
}
