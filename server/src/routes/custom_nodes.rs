//! Packs of nodes that people write in Python. They cannot run here, and the answers say so in upstream's shape, which
//! the UI shows as a message.
use crate::{
    access::{Access, Endpoints},
    request::Body,
    session::Admin,
};
use axum::{Json, extract::Path};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The routes that change packs; the list of them is with the other facts about the application.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .post("/api/v2/custom_nodes/install", Access::Admin, install)
        .post("/api/v2/custom_nodes/reload", Access::Admin, reload)
        .delete("/api/v2/custom_nodes/{pack_name}", Access::Admin, uninstall)
}

/// The git repository of a pack.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "InstallNodePackRequest")]
struct Wanted {
    source: String,
}

/// How an installation went.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstallNodePackResponse")]
struct Installed {
    name: String,
    success: bool,
    message: String,
    workflows_imported: u32,
    requires_dependencies: bool,
    dependency_file: Option<String>,
}

async fn install(_: Admin, Body(wanted): Body<Wanted>) -> Json<Installed> {
    let name = wanted.source.trim().trim_end_matches('/').trim_end_matches(".git");
    Json(Installed {
        name: name.rsplit('/').next().unwrap_or_default().to_owned(),
        success: false,
        message: "Nothing was installed: node packs are Python programs, and this service runs only its own nodes. \
            The nodes that it has are in the workflow editor under Add Node."
            .to_owned(),
        workflows_imported: 0,
        requires_dependencies: false,
        dependency_file: None,
    })
}

/// What a reload did.
#[derive(Debug, Serialize, JsonSchema)]
struct Reloaded {
    status: String,
}

async fn reload(_: Admin) -> Json<Reloaded> {
    Json(Reloaded { status: "Nothing to reload: there are no node packs here.".to_owned() })
}

/// How a removal went.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UninstallNodePackResponse")]
struct Uninstalled {
    name: String,
    success: bool,
    message: String,
}

async fn uninstall(_: Admin, Path(name): Path<String>) -> Json<Uninstalled> {
    let message = format!("Node pack '{name}' is not installed.");
    Json(Uninstalled { name, success: false, message })
}
