//! Installations: jobs that clients poll. Only local folders and files; nothing is downloaded.
use super::registration::{self, RegistrationError};
use crate::{
    error::Error,
    notices,
    openapi::describe::Created,
    request::{Body, Pairs},
    routes::images::unsupported,
    session::Admin,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Map, Value, json};
use std::path::{Path as FilePath, PathBuf};
use store::model_installs;

/// Upstream's fields of a change, which a job repeats.
const CHANGES: &[&str] = &[
    "source",
    "source_type",
    "source_api_response",
    "source_url",
    "name",
    "path",
    "description",
    "base",
    "type",
    "key",
    "hash",
    "file_size",
    "format",
    "trigger_phrases",
    "default_settings",
    "provider_id",
    "provider_model_id",
    "capabilities",
    "cpu_only",
    "variant",
    "prediction_type",
    "upcast_attention",
    "config_path",
];

pub(super) async fn list(State(state): State<AppState>, Admin(_): Admin) -> Result<Json<Vec<Value>>, Error> {
    Ok(Json(model_installs::list(&state.pool).await?))
}

pub(super) async fn get(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    if id == "huggingface" {
        // An operation of its own upstream; nothing is downloaded here.
        return Err(Error::new(StatusCode::NOT_IMPLEMENTED, "Models are not downloaded from Hugging Face"));
    }
    let id: i64 =
        id.parse().map_err(|_| Error::invalid(&["path", "id"], "Input should be a valid integer"))?;
    model_installs::get(&state.pool, id).await.map(Json).map_err(|error| match error {
        store::Error::NotFound => Error::not_found(format!("No job with id {id} known")),
        other => other.into(),
    })
}

pub(super) async fn prune(State(state): State<AppState>, Admin(_): Admin) -> Result<StatusCode, Error> {
    model_installs::prune(&state.pool).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn install(
    State(state): State<AppState>,
    Admin(_): Admin,
    pairs: Pairs,
    Body(overrides): Body<Map<String, Value>>,
) -> Result<Created<Value>, Error> {
    let source = pairs.text("source").ok_or_else(|| Error::unprocessable("source is required"))?;
    let source = source.trim().trim_matches(['"', '\'']).to_owned();
    let in_place = pairs.flag("inplace")?.unwrap_or(false);
    if let Some(key) = overrides.get("key").and_then(Value::as_str) {
        if key.is_empty() || key.contains(['/', '\\']) || key.starts_with('.') {
            return Err(Error::unprocessable(format!(
                "Invalid model key {key:?}: it must be a plain filename"
            )));
        }
    }
    let path = PathBuf::from(&source);
    if !path.is_absolute() || !path.exists() {
        return Err(unsupported(&format!(
            "{source} is not a folder or file on the server; only those can be installed"
        )));
    }
    let job = model_installs::insert(&state.pool, new_job(&source, in_place, &overrides)).await?;
    let id = job.get("id").and_then(Value::as_i64).unwrap_or_default();
    tokio::spawn(run(state, id, job.clone(), path, in_place, overrides));
    Ok(Created(job))
}

fn new_job(source: &str, in_place: bool, overrides: &Map<String, Value>) -> Value {
    let mut changes: Map<String, Value> =
        CHANGES.iter().map(|&field| (field.to_owned(), Value::Null)).collect();
    changes.extend(overrides.iter().map(|(field, value)| (field.clone(), value.clone())));
    changes.insert("source".to_owned(), source.into());
    changes.insert("source_type".to_owned(), "path".into());
    json!({
        "id": 0, "status": "waiting", "error_reason": null, "config_in": changes, "config_out": null,
        "inplace": in_place, "source": {"path": source, "inplace": in_place, "type": "local"},
        "local_path": source, "bytes": 0, "total_bytes": 0, "source_metadata": null, "download_parts": [],
        "error": null, "error_traceback": null,
    })
}

async fn run(
    state: AppState,
    id: i64,
    mut job: Value,
    path: PathBuf,
    in_place: bool,
    overrides: Map<String, Value>,
) {
    job["status"] = "running".into();
    save(&state, id, &job, "model_install_started").await;
    let notice = match register(&state, &path, in_place, overrides).await {
        Ok(config) => {
            let size = config.get("file_size").cloned().unwrap_or_default();
            job["status"] = "completed".into();
            job["bytes"] = size.clone();
            job["total_bytes"] = size;
            job["local_path"] = config.get("path").cloned().unwrap_or_default();
            job["config_out"] = config;
            "model_install_complete"
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a model was not installed");
            job["status"] = "error".into();
            job["error_reason"] = error.reason().into();
            job["error"] = error.to_string().into();
            "model_install_error"
        }
    };
    save(&state, id, &job, notice).await;
}

async fn save(state: &AppState, id: i64, job: &Value, notice: &str) {
    if let Err(error) = model_installs::update(&state.pool, id, job).await {
        tracing::error!(job = id, %error, "the state of an installation could not be stored");
    }
    if notices::model_install(state, notice, job).await.is_err() {
        tracing::error!(job = id, "the state of an installation could not be announced");
    }
}

async fn register(
    state: &AppState,
    source: &FilePath,
    in_place: bool,
    mut overrides: Map<String, Value>,
) -> Result<Value, RegistrationError> {
    let text = source.to_string_lossy().into_owned();
    if in_place {
        return registration::register_local_model(&state.pool, source, &text, &overrides).await;
    }
    // Probe before copying, so that nothing unknown fills our folder.
    registration::describe(source.to_owned()).await?;
    let key = match overrides.get("key").and_then(Value::as_str) {
        Some(key) => key.to_owned(),
        None => uuid::Uuid::new_v4().to_string(),
    };
    overrides.insert("key".to_owned(), key.clone().into());
    let name = source.file_name().ok_or_else(|| RegistrationError::Path(format!("{text} has no name")))?;
    let folder = state.config.models_dir.join(&key);
    let target = folder.join(name);
    let (from, to) = (source.to_owned(), target.clone());
    let copied = tokio::task::spawn_blocking(move || copy(&from, &to)).await;
    let result = match copied {
        Ok(Ok(())) => registration::register_local_model(&state.pool, &target, &text, &overrides).await,
        Ok(Err(error)) => Err(RegistrationError::Path(error.to_string())),
        Err(error) => Err(RegistrationError::Path(error.to_string())),
    };
    if result.is_err() {
        if let Err(error) = tokio::fs::remove_dir_all(&folder).await {
            tracing::warn!(folder = %folder.display(), %error, "a failed installation stays behind");
        }
    }
    result
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &FilePath, to: &FilePath) -> std::io::Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, to).map(drop)
}
