//! `/healthz`, `/readyz`, `/metrics`.
use crate::{
    access::{Access, Endpoints},
    error::{Error, Result},
    metrics,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use domain::account::CurrentUser;
use sqlx::Connection;

/// The routes.
pub fn endpoints() -> Endpoints {
    Endpoints::new().get("/healthz", Access::Public, async || "ok").get("/readyz", Access::Public, ready).get(
        "/metrics",
        Access::Public,
        scrape,
    )
}

async fn ready(State(state): State<AppState>) -> Result<&'static str> {
    let asked = async { state.pool.acquire().await?.ping().await };
    match tokio::time::timeout(std::time::Duration::from_secs(2), asked).await {
        Ok(Ok(_)) => Ok("ready"),
        _ => Err(Error::new(StatusCode::SERVICE_UNAVAILABLE, "The database does not answer")),
    }
}

async fn scrape(State(state): State<AppState>) -> Result<String> {
    // Only numbers are taken; nobody's items are shown.
    let nobody = CurrentUser { user_id: String::new(), is_admin: false };
    let counted = store::queue::queue_status(&state.pool, &nobody, "default");
    match tokio::time::timeout(std::time::Duration::from_secs(2), counted).await {
        Ok(Ok(status)) => metrics::note_queue(&status),
        // The other numbers are worth having most when the database is not there.
        _ => tracing::warn!("the queue could not be counted"),
    }
    metrics::render()
}
