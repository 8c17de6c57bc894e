//! `/api/v1/app`: what the UI asks of the installation.
use crate::{
    access::{Access, Endpoints},
    error::{Error, Result},
    request::Body,
    session::Admin,
    state::AppState,
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use store::settings;

/// The version of InvokeAI whose interface this is.
pub const CONTRACT_VERSION: &str = "6.14.2";

/// The routes.
pub fn endpoints() -> Endpoints {
    const BASE: &str = "/api/v1/app";
    let at = |path: &str| format!("{BASE}{path}");
    Endpoints::new()
        .get(&at("/version"), Access::Public, version)
        .get(&at("/app_deps"), Access::User, dependencies)
        .get(&at("/logging"), Access::Admin, log_level)
        .post(&at("/logging"), Access::Admin, set_log_level)
        .get(&at("/patchmatch_status"), Access::User, patchmatch)
        .get(&at("/generation_device_options"), Access::User, devices)
        .get(&at("/external_providers/config"), Access::Admin, no_providers)
        .get(&at("/external_providers/status"), Access::User, no_providers)
        .get("/api/v2/custom_nodes/", Access::Admin, node_packs)
}

#[derive(Debug, Serialize, JsonSchema)]
struct AppVersion {
    version: &'static str,
}

async fn version() -> Json<AppVersion> {
    Json(AppVersion { version: CONTRACT_VERSION })
}

async fn dependencies() -> Json<Value> {
    Json(json!({ "InvokeAI": CONTRACT_VERSION, "invoke-studio": env!("CARGO_PKG_VERSION") }))
}

/// Levels by Python's numbers.
const LEVELS: &[u8] = &[0, 10, 20, 30, 40, 50];

/// Where the level of logs is kept that an administrator chose; servers and workers look at it now and then.
pub const LOG_LEVEL: &str = "log_level";

async fn log_level(State(state): State<AppState>) -> Result<Json<u8>> {
    let chosen = settings::get(&state.pool, LOG_LEVEL).await?;
    Ok(Json(chosen.and_then(|level| level.parse().ok()).unwrap_or(20)))
}

async fn set_log_level(
    State(state): State<AppState>,
    Admin(_): Admin,
    Body(level): Body<u8>,
) -> Result<Json<u8>> {
    if !LEVELS.contains(&level) {
        return Err(Error::unprocessable("Input should be 0, 10, 20, 30, 40 or 50"));
    }
    settings::set(&state.pool, LOG_LEVEL, &level.to_string()).await?;
    Ok(Json(level))
}

async fn patchmatch() -> Json<bool> {
    Json(false)
}

async fn devices() -> Json<Value> {
    Json(json!([{ "device": "cpu", "name": "CPU" }]))
}

/// Nodes that people added.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NodePackListResponse")]
struct NodePacks {
    node_packs: Vec<String>,
    custom_nodes_path: String,
}

/// Nodes are part of the worker; Python packs are not run.
async fn node_packs() -> Json<NodePacks> {
    Json(NodePacks { node_packs: Vec::new(), custom_nodes_path: String::new() })
}

async fn no_providers() -> Json<Value> {
    Json(json!([]))
}
