//! `/healthz`, `/readyz`, `/metrics`.
use crate::{
    access::{Access, Endpoints},
    error::{Error, Result},
    metrics,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};

/// The routes.
pub fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/healthz", Access::Public, async || "ok")
        .get("/readyz", Access::Public, ready)
        .get("/metrics", Access::Public, scrape)
}

async fn ready(State(state): State<AppState>) -> Result<&'static str> {
    let asked = state.pool.acquire();
    match tokio::time::timeout(std::time::Duration::from_secs(2), asked).await {
        Ok(Ok(_)) => Ok("ready"),
        _ => Err(Error::new(StatusCode::SERVICE_UNAVAILABLE, "The database does not answer")),
    }
}

async fn scrape(State(_): State<AppState>) -> Result<String> {
    metrics::render()
}
