//! Installations: jobs that clients poll. Only local folders and files; nothing is downloaded.
use super::registration::{self, RegistrationError};
use crate::{
    error::Error,
    notices,
    openapi::describe::Created,
    request::{Body, Pairs},
    routes::{images::unsupported, unimplemented::NO_DOWNLOADS},
    session::Admin,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
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
        return Err(Error::new(StatusCode::NOT_IMPLEMENTED, NO_DOWNLOADS));
    }
    let id: i64 =
        id.parse().map_err(|_| Error::invalid(&["path", "id"], "Input should be a valid integer"))?;
    model_installs::get(&state.pool, id).await.map(Json).map_err(|error| match error {
        store::Error::NotFound => Error::not_found(format!("No job with id {id} known")),
        other => other.into(),
    })
}

/// Cancels an installation that is not over; what was copied is removed again.
pub(super) async fn cancel(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(id): Path<i64>,
) -> Result<Created<()>, Error> {
    let job = model_installs::cancel(&state.pool, id).await.map_err(|error| match error {
        store::Error::NotFound => unsupported(&format!("No job with id {id} known")),
        other => other.into(),
    })?;
    if let Some(job) = job {
        notices::model_install(&state, "model_install_cancelled", &job).await?;
    }
    Ok(Created(()))
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
    if let Some(key) = overrides.get("key").and_then(Value::as_str)
        && (key.is_empty() || key.contains(['/', '\\']) || key.starts_with('.'))
    {
        return Err(Error::unprocessable(format!("Invalid model key {key:?}: it must be a plain filename")));
    }
    let path = PathBuf::from(&source);
    if !path.is_absolute() || !path.exists() {
        return Err(unsupported(&format!(
            "{source} is not a folder or file on the server; only those can be installed, nothing is downloaded"
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
    if !save(&state, id, &job, "model_install_started").await {
        return;
    }
    let mut undo = None;
    let notice = match register(&state, id, &path, in_place, overrides).await {
        Ok(config) => {
            undo = config["key"].as_str().map(ToOwned::to_owned);
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
    if !save(&state, id, &job, notice).await
        && let Some(key) = undo
    {
        // Cancelled at the last moment.
        if let Err(error) = store::models::delete(&state.pool, &key).await {
            tracing::warn!(%error, "a cancelled installation stays behind");
        }
        if !in_place {
            remove(&state.config.models_dir.join(&key)).await;
        }
    }
}

/// Stores and announces where an installation is; `false` when it was cancelled meanwhile.
async fn save(state: &AppState, id: i64, job: &Value, notice: &str) -> bool {
    match model_installs::update(&state.pool, id, job).await {
        Ok(true) => {}
        Ok(false) => return false,
        Err(error) => tracing::error!(job = id, %error, "the state of an installation could not be stored"),
    }
    if notices::model_install(state, notice, job).await.is_err() {
        tracing::error!(job = id, "the state of an installation could not be announced");
    }
    true
}

/// Where installations are copied to before they are whole; hidden, so that nobody takes it for a model.
const INCOMING: &str = ".incoming";

async fn remove(folder: &FilePath) {
    if let Err(error) = tokio::fs::remove_dir_all(folder).await {
        tracing::warn!(folder = %folder.display(), %error, "a failed installation stays behind");
    }
}

async fn register(
    state: &AppState,
    id: i64,
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
    let incoming = state.config.models_dir.join(INCOMING).join(&key);
    let copied = copy_unless_cancelled(state, id, source, &incoming.join(name)).await;
    let moved = match copied {
        Ok(()) => tokio::fs::rename(&incoming, &folder).await,
        Err(error) => Err(error),
    };
    if let Err(error) = moved {
        remove(&incoming).await;
        return Err(RegistrationError::Path(error.to_string()));
    }
    let result = registration::register_local_model(&state.pool, &folder.join(name), &text, &overrides).await;
    if result.is_err() {
        remove(&folder).await;
    }
    result
}

/// How often a copy looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(500);

async fn copy_unless_cancelled(
    state: &AppState,
    id: i64,
    from: &FilePath,
    to: &FilePath,
) -> std::io::Result<()> {
    let unwanted = Arc::new(AtomicBool::new(false));
    let (from, to, told) = (from.to_owned(), to.to_owned(), unwanted.clone());
    let mut work = tokio::task::spawn_blocking(move || copy(&from, &to, &told));
    loop {
        tokio::select! {
            copied = &mut work => return copied.unwrap_or_else(|error| Err(std::io::Error::other(error))),
            () = tokio::time::sleep(LOOK) => {
                // An outage of the database does not stop a copy.
                if model_installs::is_cancelled(&state.pool, id).await.unwrap_or(false) {
                    unwanted.store(true, Ordering::Relaxed);
                }
            }
        }
    }
}

/// Copies a file, or a folder with all that is in it, until it is `unwanted`.
fn copy(from: &FilePath, to: &FilePath, unwanted: &AtomicBool) -> std::io::Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()), unwanted)?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let (mut source, mut target) = (std::fs::File::open(from)?, std::fs::File::create(to)?);
    loop {
        if unwanted.load(Ordering::Relaxed) {
            return Err(std::io::Error::new(
                std::io::ErrorKind::Interrupted,
                "the installation was cancelled",
            ));
        }
        // In pieces, so that a large file can be given up half-way.
        let copied = std::io::copy(&mut (&mut source).take(PIECE), &mut target)?;
        if copied < PIECE {
            return target.sync_all();
        }
    }
}

/// Bytes that are copied between two looks.
const PIECE: u64 = 32 << 20;
