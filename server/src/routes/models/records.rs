//! The records of models.
use super::registration;
use crate::{
    error::Error,
    request::{Body, Pairs},
    session::Admin,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use store::models::{self, Filter, NewModel};

/// Upstream's answer for a key that does not exist.
pub(super) fn unknown(error: store::Error) -> Error {
    match error {
        store::Error::NotFound => Error::not_found("model not found"),
        other => other.into(),
    }
}

pub(super) async fn list(State(state): State<AppState>, pairs: Pairs) -> Result<Json<Value>, Error> {
    let bases = pairs.list("base_models");
    let text = |name: &str| pairs.text(name).map(ToOwned::to_owned);
    let filter = Filter {
        bases: (!bases.is_empty()).then_some(bases),
        r#type: text("model_type"),
        name: text("model_name"),
        format: text("model_format"),
    };
    Ok(Json(json!({"models": models::list(&state.pool, &filter).await?})))
}

pub(super) async fn missing(State(state): State<AppState>) -> Result<Json<Value>, Error> {
    let mut absent = Vec::new();
    for config in models::list(&state.pool, &Filter::default()).await? {
        let path = config.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
            absent.push(config);
        }
    }
    Ok(Json(json!({"models": absent})))
}

pub(super) async fn by_attributes(State(state): State<AppState>, pairs: Pairs) -> Result<Json<Value>, Error> {
    let required = |name: &str| {
        pairs
            .text(name)
            .map(ToOwned::to_owned)
            .ok_or_else(|| Error::unprocessable(format!("{name} is required")))
    };
    let filter = Filter {
        bases: Some(vec![required("base")?]),
        r#type: Some(required("type")?),
        name: Some(required("name")?),
        format: None,
    };
    let found = models::list(&state.pool, &filter).await?.into_iter().next();
    found.map(Json).ok_or_else(|| Error::not_found("No model found with these attributes"))
}

pub(super) async fn by_hash(State(state): State<AppState>, pairs: Pairs) -> Result<Json<Value>, Error> {
    let hash = pairs.text("hash").ok_or_else(|| Error::unprocessable("hash is required"))?;
    models::get_by_hash(&state.pool, hash).await.map(Json).map_err(|error| match error {
        store::Error::NotFound => Error::not_found("No model found with this hash"),
        other => other.into(),
    })
}

pub(super) async fn get(
    State(state): State<AppState>,
    Path(key): Path<String>,
) -> Result<Json<Value>, Error> {
    models::get(&state.pool, &key).await.map(Json).map_err(unknown)
}

/// Fields that a change may set only if the kind of model has them.
const OPTIONAL: &[&str] = &[
    "trigger_phrases",
    "default_settings",
    "cpu_only",
    "variant",
    "prediction_type",
    "config_path",
    "repo_variant",
];
/// Fields that every model has and that may change.
const COMMON: &[&str] = &[
    "source",
    "source_type",
    "source_api_response",
    "source_url",
    "name",
    "path",
    "description",
    "base",
    "type",
    "hash",
    "file_size",
    "format",
];

/// Applies changes to a configuration; fields that this kind of model lacks are left out.
fn apply(config: &mut Map<String, Value>, changes: Map<String, Value>) -> Result<(), Error> {
    for (field, value) in changes {
        let known = COMMON.contains(&field.as_str())
            || (OPTIONAL.contains(&field.as_str()) && config.contains_key(&field));
        let text = matches!(field.as_str(), "name" | "path" | "base" | "type" | "hash" | "format" | "source");
        if text && !value.is_string() {
            if value.is_null() {
                continue;
            }
            return Err(Error::unprocessable(format!("{field} should be a string")));
        }
        if known {
            config.insert(field, value);
        }
    }
    Ok(())
}

fn fields(config: Value) -> Map<String, Value> {
    match config {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

async fn save(state: &AppState, config: Map<String, Value>) -> Result<Value, Error> {
    let model = NewModel::from_config(Value::Object(config))
        .ok_or_else(|| Error::internal("a model's record is incomplete"))?;
    models::update(&state.pool, &model).await.map_err(unknown)?;
    Ok(model.config)
}

pub(super) async fn update(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(key): Path<String>,
    Body(changes): Body<Map<String, Value>>,
) -> Result<Json<Value>, Error> {
    if changes.get("key").is_some_and(|changed| changed.as_str() != Some(&key)) {
        return Err(Error::unprocessable("A model's key cannot be changed"));
    }
    let mut config = fields(models::get(&state.pool, &key).await.map_err(unknown)?);
    apply(&mut config, changes)?;
    Ok(Json(save(&state, config).await?))
}

/// Removes a record; the files only if they are in our own models folder.
async fn remove(state: &AppState, key: &str) -> Result<(), Error> {
    let config = models::delete(&state.pool, key).await.map_err(unknown)?;
    let path = PathBuf::from(config.get("path").and_then(Value::as_str).unwrap_or_default());
    let ours = std::path::absolute(state.config.models_dir.join(key)).map_err(Error::internal)?;
    if path.starts_with(&ours) && ours.is_dir() {
        tokio::fs::remove_dir_all(&ours).await.map_err(Error::internal)?;
    }
    state.files.delete_attachment(store::files::Attachment::Model, key).await?;
    Ok(())
}

pub(super) async fn delete(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(key): Path<String>,
) -> Result<StatusCode, Error> {
    remove(&state, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Probes a model again; what people wrote about it stays.
async fn identify_again(state: &AppState, key: &str) -> Result<Value, Error> {
    let old = fields(models::get(&state.pool, key).await.map_err(unknown)?);
    let path = old.get("path").and_then(Value::as_str).unwrap_or_default();
    let mut config = registration::describe(PathBuf::from(path))
        .await
        .map_err(|error| Error::bad_request(error.to_string()))?;
    for field in
        ["path", "key", "name", "description", "cover_image", "trigger_phrases", "source", "source_type"]
    {
        if let (Some(value), true) = (old.get(field), config.contains_key(field)) {
            config.insert(field.to_owned(), value.clone());
        }
    }
    save(state, config).await
}

pub(super) async fn reidentify(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(key): Path<String>,
) -> Result<Json<Value>, Error> {
    Ok(Json(identify_again(&state, &key).await?))
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Keys {
    keys: Vec<String>,
}

fn detail(error: Error) -> Value {
    match error {
        Error::Refused(_, detail) => detail,
        _ => "Internal server error".into(),
    }
}

pub(super) async fn bulk_delete(
    State(state): State<AppState>,
    Admin(_): Admin,
    Body(keys): Body<Keys>,
) -> Json<Value> {
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for key in keys.keys {
        match remove(&state, &key).await {
            Ok(()) => deleted.push(key),
            Err(error) => failed.push(json!({"key": key, "error": detail(error)})),
        }
    }
    Json(json!({"deleted": deleted, "failed": failed}))
}

pub(super) async fn bulk_reidentify(
    State(state): State<AppState>,
    Admin(_): Admin,
    Body(keys): Body<Keys>,
) -> Json<Value> {
    let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
    for key in keys.keys {
        match identify_again(&state, &key).await {
            Ok(_) => succeeded.push(key),
            Err(error) => failed.push(json!({"key": key, "error": detail(error)})),
        }
    }
    Json(json!({"succeeded": succeeded, "failed": failed}))
}

/// The models in a folder and below it: folders with a configuration, and files of weights.
pub(super) async fn scan(
    State(state): State<AppState>,
    Admin(_): Admin,
    pairs: Pairs,
) -> Result<Json<Vec<Value>>, Error> {
    let path = pairs.text("scan_path").unwrap_or_default().to_owned();
    let folder = PathBuf::from(&path);
    if path.is_empty() || !folder.is_dir() {
        return Err(Error::bad_request(format!("The search path '{path}' could not be scanned")));
    }
    let found = tokio::task::spawn_blocking(move || find_models(folder)).await.map_err(Error::internal)?;
    let mut answers = Vec::new();
    for path in found {
        let is_installed = models::get_by_path(&state.pool, &path).await.is_ok();
        answers.push(json!({"path": path, "is_installed": is_installed}));
    }
    Ok(Json(answers))
}

fn find_models(folder: PathBuf) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        if ["model_index.json", "config.json"].iter().any(|name| folder.join(name).is_file()) {
            found.push(folder.to_string_lossy().into_owned());
            continue;
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "safetensors") {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// There are no starter models: weights come from the people who run the service.
pub(super) async fn starters() -> Json<Value> {
    Json(json!({"starter_models": [], "starter_bundles": {}}))
}

/// The caches are in the workers, not here.
pub(super) async fn stats() -> Json<Value> {
    Json(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_reach_only_the_fields_that_a_model_has() {
        let mut config = fields(json!({"key": "k", "name": "a", "type": "vae"}));
        let changes =
            json!({"name": "b", "trigger_phrases": ["x"], "path": null, "key": "k", "description": null});
        apply(&mut config, fields(changes)).unwrap();
        assert_eq!(
            Value::Object(config),
            json!({"key": "k", "name": "b", "type": "vae", "description": null})
        );
    }
}
