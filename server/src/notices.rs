//! Events that the server itself causes; the store records those of the queue.
use crate::{error::Result, state::AppState};
use serde_json::{Value, json};
use store::{events, workflows::Workflow};

async fn record(state: &AppState, name: &str, user_id: Option<&str>, mut payload: Value) -> Result<()> {
    payload["timestamp"] = events::unix_time().into();
    let mut connection = state.pool.acquire().await.map_err(store::Error::from)?;
    Ok(events::record(&mut connection, name, None, user_id, &payload).await?)
}

/// A workflow was made or deleted.
pub(crate) async fn workflow(state: &AppState, name: &str, workflow: &Workflow) -> Result<()> {
    let payload = json!({
        "workflow_id": workflow.workflow_id, "user_id": workflow.user_id, "is_public": workflow.is_public,
    });
    record(state, name, Some(&workflow.user_id), payload).await
}

/// A workflow was changed, or shared, or made private.
pub(crate) async fn workflow_updated(state: &AppState, was_public: bool, now: &Workflow) -> Result<()> {
    let payload = json!({
        "workflow_id": now.workflow_id, "user_id": now.user_id,
        "old_is_public": was_public, "new_is_public": now.is_public,
    });
    record(state, "workflow_updated", Some(&now.user_id), payload).await
}

/// A zip can be fetched.
pub(crate) async fn download_complete(state: &AppState, user_id: &str, file: &str) -> Result<()> {
    for name in ["bulk_download_started", "bulk_download_complete"] {
        let payload = json!({
            "bulk_download_id": "default", "bulk_download_item_id": file.trim_end_matches(".zip"),
            "bulk_download_item_name": file, "user_id": user_id,
        });
        record(state, name, Some(user_id), payload).await?;
    }
    Ok(())
}

/// Parameters were set for the UI of an account.
pub(crate) async fn recall_parameters_updated(
    state: &AppState,
    queue_id: &str,
    user_id: &str,
    parameters: &Value,
) -> Result<()> {
    let payload = json!({ "queue_id": queue_id, "user_id": user_id, "parameters": parameters });
    record(state, "recall_parameters_updated", Some(user_id), payload).await
}

/// An installation of a model went on: `started`, `complete`, `cancelled` or `error`. Administrators hear of it.
pub(crate) async fn model_install(state: &AppState, name: &str, job: &Value) -> Result<()> {
    let mut payload = json!({ "id": job["id"], "source": job["source"] });
    match name {
        "model_install_complete" => {
            payload["key"] = job["config_out"]["key"].clone();
            payload["total_bytes"] = job["total_bytes"].clone();
            payload["config"] = job["config_out"].clone();
        }
        "model_install_error" => {
            payload["error_type"] = job["error_reason"].clone();
            payload["error"] = job["error"].clone();
        }
        _ => {}
    }
    record(state, name, None, payload).await
}
