//! Turning a local folder or file into a model's record.
use super::probe::{self, ProbeError};
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use std::path::{Path, PathBuf};

/// Files whose content is a model's identity.
const WEIGHTS: &[&str] = &["ckpt", "safetensors", "bin", "pt", "pth"];

/// Why a model was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// It was not recognized.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// It could not be stored; a conflict if it is there already.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The path is not usable.
    #[error("{0}")]
    Path(String),
    /// The cover that comes with it is no picture.
    #[error("its cover cannot be read: {0}")]
    Picture(#[from] image::ImageError),
}

impl RegistrationError {
    /// Upstream's name for the cause, which clients show as the reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Store(store::Error::Conflict(_)) => "DuplicateModelException",
            Self::Probe(_) => "InvalidModelConfigException",
            Self::Path(_) => "FileNotFoundError",
            Self::Store(_) | Self::Picture(_) => "ModelInstallException",
        }
    }
}

/// Registers the model at `path` in place and returns its configuration. `source` says where it came from; the fields
/// of `overrides` that are not null replace what was probed.
pub async fn register_local_model(
    pool: &PgPool,
    path: &Path,
    source: &str,
    overrides: &Map<String, Value>,
) -> Result<Value, RegistrationError> {
    let path = std::path::absolute(path).map_err(ProbeError::from)?;
    if !path.exists() {
        return Err(RegistrationError::Path(format!("{} does not exist", path.display())));
    }
    let text = path.to_string_lossy().into_owned();
    if store::models::get_by_path(pool, &text).await.is_ok() {
        return Err(store::Error::Conflict(format!("A model with path '{text}' is already installed")).into());
    }
    let mut config = describe(path.clone()).await?;
    config.insert("key".to_owned(), uuid::Uuid::new_v4().to_string().into());
    config.insert("source".to_owned(), source.into());
    for (field, value) in overrides {
        if !value.is_null() {
            config.insert(field.clone(), value.clone());
        }
    }
    let model = store::models::NewModel::from_config(Value::Object(config))
        .ok_or_else(|| RegistrationError::Path("the configuration is incomplete".to_owned()))?;
    store::models::insert(pool, &model).await?;
    Ok(model.config)
}

/// The whole configuration of a model on disk, with an empty key.
pub(super) async fn describe(path: PathBuf) -> Result<Map<String, Value>, ProbeError> {
    tokio::task::spawn_blocking(move || describe_blocking(&path))
        .await
        .map_err(|error| ProbeError::Unrecognized(error.to_string()))?
}

fn describe_blocking(path: &Path) -> Result<Map<String, Value>, ProbeError> {
    let kind = probe::probe(path)?;
    let files = files(path)?;
    let size: u64 = files.iter().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum();
    let name = if path.is_dir() { path.file_name() } else { path.file_stem() };
    let mut config = probe::into_map(json!({
        "key": "", "hash": hash(path, files)?, "path": path.to_string_lossy(), "file_size": size,
        "name": name.unwrap_or_default().to_string_lossy(), "description": null, "source": path.to_string_lossy(),
        "source_type": "path", "source_api_response": null, "source_url": null, "cover_image": null,
    }));
    config.extend(kind);
    Ok(config)
}

/// The files of a model, in the order of their paths.
fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    Ok(found)
}

/// BLAKE3 of a file, or of the hexadecimal hashes of a folder's weight files; as upstream, so that
/// images made there recall their models here.
fn hash(path: &Path, files: Vec<PathBuf>) -> std::io::Result<String> {
    let hash_file = |file: &Path| -> std::io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        std::io::copy(
            &mut std::io::BufReader::with_capacity(1 << 20, std::fs::File::open(file)?),
            &mut hasher,
        )?;
        Ok(hasher.finalize().to_hex().to_string())
    };
    if path.is_file() {
        return Ok(format!("blake3:{}", hash_file(path)?));
    }
    let mut all = blake3::Hasher::new();
    let is_weights = |file: &PathBuf| {
        file.extension().and_then(|end| end.to_str()).is_some_and(|end| WEIGHTS.contains(&end))
    };
    for file in files.into_iter().filter(is_weights) {
        all.update(hash_file(&file)?.as_bytes());
    }
    Ok(format!("blake3:{}", all.finalize().to_hex()))
}
