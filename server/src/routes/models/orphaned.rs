//! Folders of models that no record names any more.
use crate::{error::Error, request::Body, session::Admin, state::AppState};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use store::models;

/// How files of models end.
const ENDINGS: &[&str] = &["safetensors", "ckpt", "pt", "pth", "bin", "onnx", "gguf"];

/// What is in a folder that no record names.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OrphanedModelInfo {
    path: String,
    absolute_path: String,
    files: Vec<String>,
    size_bytes: u64,
}

/// Which folders to delete, relative to the models' folder.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct DeleteOrphanedModelsRequest {
    paths: Vec<String>,
}

/// What became of them.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DeleteOrphanedModelsResponse {
    deleted: Vec<String>,
    errors: BTreeMap<String, String>,
}

/// Where the models with records lie.
async fn known(state: &AppState) -> Result<Vec<PathBuf>, Error> {
    let configs = models::list(&state.pool, &models::Filter::default()).await?;
    let paths = configs.iter().filter_map(|config| config["path"].as_str());
    // A relative path starts at the models' folder, an absolute one stays as it is.
    Ok(paths.map(|path| settled(&state.config.models_dir.join(path))).collect())
}

/// Without links, if it exists.
fn settled(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Files of models below a folder. Links are not followed, hidden folders are at work or not ours.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, Ok(data)) = (entry.path(), entry.metadata()) else { continue };
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            if data.is_dir() && !is_hidden {
                open.push(path);
            } else if data.is_file()
                && path.extension().is_some_and(|end| ENDINGS.iter().any(|known| end == *known))
            {
                found.push((path, data.len()));
            }
        }
    }
    found.sort();
    found
}

fn orphans(root: &Path, known: &[PathBuf]) -> Vec<OrphanedModelInfo> {
    let root = settled(root);
    let mut folders: BTreeMap<PathBuf, Vec<(PathBuf, u64)>> = BTreeMap::new();
    for (file, size) in files(&root) {
        if known.iter().any(|path| file.starts_with(path)) {
            continue;
        }
        if let Some(first) = file.strip_prefix(&root).ok().and_then(|inside| inside.components().next()) {
            folders.entry(root.join(first)).or_default().push((file, size));
        }
    }
    let describe = |(folder, files): (PathBuf, Vec<(PathBuf, u64)>)| OrphanedModelInfo {
        path: folder.strip_prefix(&root).unwrap_or(&folder).to_string_lossy().into_owned(),
        absolute_path: folder.to_string_lossy().into_owned(),
        size_bytes: files.iter().map(|(_, size)| size).sum(),
        files: files
            .iter()
            .map(|(file, _)| file.strip_prefix(&folder).unwrap_or(file).to_string_lossy().into_owned())
            .collect(),
    };
    folders.into_iter().map(describe).collect()
}

/// Deletes a folder inside the models' folder in which no known model lies.
fn delete_one(root: &Path, known: &[PathBuf], relative: &str) -> Result<(), String> {
    let inside = Path::new(relative);
    let is_plain = inside.components().all(|part| matches!(part, Component::Normal(_)));
    if !is_plain || inside.as_os_str().is_empty() {
        return Err("error: path is not under models directory".to_owned());
    }
    let root = settled(root);
    let path = settled(&root.join(inside));
    if !path.starts_with(&root) || path == root {
        return Err("error: path is not under models directory".to_owned());
    }
    if known.iter().any(|model| model.starts_with(&path) || path.starts_with(model)) {
        return Err("error: a model that is installed lies there".to_owned());
    }
    if inside.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')) {
        return Err("error: path is reserved".to_owned());
    }
    if !path.exists() {
        return Err("error: path does not exist".to_owned());
    }
    let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    removed.map_err(|error| format!("error: {error}"))
}

pub(super) async fn list(
    State(state): State<AppState>,
    Admin(_): Admin,
) -> Result<Json<Vec<OrphanedModelInfo>>, Error> {
    let known = known(&state).await?;
    let root = state.config.models_dir.clone();
    let found = tokio::task::spawn_blocking(move || orphans(&root, &known)).await;
    found.map(Json).map_err(Error::internal)
}

pub(super) async fn delete(
    State(state): State<AppState>,
    Admin(_): Admin,
    Body(request): Body<DeleteOrphanedModelsRequest>,
) -> Result<Json<DeleteOrphanedModelsResponse>, Error> {
    let known = known(&state).await?;
    let root = state.config.models_dir.clone();
    let work = move || {
        let mut answer = DeleteOrphanedModelsResponse { deleted: Vec::new(), errors: BTreeMap::new() };
        for path in request.paths {
            match delete_one(&root, &known, &path) {
                Ok(()) => answer.deleted.push(path),
                Err(reason) => _ = answer.errors.insert(path, reason),
            }
        }
        answer
    };
    tokio::task::spawn_blocking(work).await.map(Json).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_without_records_are_found_and_deleted() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["known", "lost/unet", ".incoming"] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for file in
            ["known/a.safetensors", "lost/unet/b.safetensors", ".incoming/c.safetensors", "lost/readme.md"]
        {
            std::fs::write(root.path().join(file), b"1234").unwrap();
        }
        let known = [settled(&root.path().join("known"))];
        let found = orphans(root.path(), &known);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].size_bytes), ("lost", 4));
        assert_eq!(found[0].files, ["unet/b.safetensors"]);
        for path in ["known", "..", ".", "", "/etc", "lost/../known", ".incoming", "none"] {
            assert!(delete_one(root.path(), &known, path).is_err(), "{path}");
        }
        delete_one(root.path(), &known, "lost").unwrap();
        assert!(!root.path().join("lost").exists() && root.path().join("known/a.safetensors").exists());
    }
}
