//! `/api/v1/app/runtime_config`: how the installation is set up, and what its administrators change while it runs.
use crate::{
    access::{Access, Endpoints},
    error::{Error, Result},
    request::Body,
    session::Admin,
    state::AppState,
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use sqlx::PgPool;
use store::{queue, settings};

/// The routes.
pub fn endpoints() -> Endpoints {
    const PATH: &str = "/api/v1/app/runtime_config";
    Endpoints::new().get(PATH, Access::Admin, runtime_config).patch(PATH, Access::Admin, change)
}

/// Where the number of ended items is kept that the queue is to remember.
const MAX_QUEUE_HISTORY: &str = "max_queue_history";

async fn max_queue_history(pool: &PgPool) -> store::Result<Option<u32>> {
    Ok(settings::get(pool, MAX_QUEUE_HISTORY).await?.and_then(|kept| kept.parse().ok()))
}

/// Deletes the ended items that are more than an administrator wants to keep, if one said how many.
///
/// # Errors
/// Those of the database.
pub async fn shorten_history(pool: &PgPool) -> store::Result<()> {
    if let Some(kept) = max_queue_history(pool).await? {
        let deleted = queue::shorten_history(pool, kept).await?;
        if deleted > 0 {
            tracing::info!(deleted, kept, "old items of the queue are deleted");
        }
    }
    Ok(())
}

async fn runtime_config(State(state): State<AppState>) -> Result<Json<Value>> {
    let config = &state.config;
    let history = max_queue_history(&state.pool).await?;
    let mut set = vec!["host", "port", "multiuser"];
    if history.is_some() {
        set.push(MAX_QUEUE_HISTORY);
    }
    Ok(Json(json!({
        "set_fields": set,
        "config": {
            "schema_version": "4.0.3",
            "host": config.host,
            "port": config.port,
            "multiuser": config.multiuser,
            "strict_password_checking": config.strict_password_checking,
            "session_queue_mode": config.session_queue_mode,
            "max_queue_size": config.max_queue_size,
            "max_queue_history": history,
            "log_level": "info",
            "patchmatch": false,
            "image_subfolder_strategy": FLAT,
            "generation_devices": AUTOMATIC,
            "allow_nodes": null,
            "deny_nodes": null,
        },
    })))
}

/// Images lie by their names in one folder or bucket.
const FLAT: &str = "flat";
/// Each worker has the device that it was started with.
const AUTOMATIC: &str = "auto";

/// Fields that are absent stay as they are.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "UpdateAppGenerationSettingsRequest")]
struct Changes {
    /// How many ended items the queue keeps; `null` keeps all. Applied at the start and every five minutes.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<u32>")]
    max_queue_history: Option<History>,
    image_subfolder_strategy: Option<String>,
    generation_devices: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct History(Option<u32>);

/// A field that is there, though it may be `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<History>, D::Error> {
    History::deserialize(deserializer).map(Some)
}

async fn change(
    State(state): State<AppState>,
    Admin(_): Admin,
    Body(changes): Body<Changes>,
) -> Result<Json<Value>> {
    if changes.image_subfolder_strategy.is_some_and(|strategy| strategy != FLAT) {
        return Err(Error::unprocessable(
            "Images lie in one folder or bucket here: only \"flat\" is possible",
        ));
    }
    if changes.generation_devices.is_some_and(|devices| devices != AUTOMATIC) {
        return Err(Error::unprocessable(
            "Each worker has the device that it was started with: only \"auto\" is possible",
        ));
    }
    if let Some(History(kept)) = changes.max_queue_history {
        let kept = kept.map_or_else(String::new, |kept| kept.to_string());
        settings::set(&state.pool, MAX_QUEUE_HISTORY, &kept).await?;
    }
    runtime_config(State(state)).await
}
