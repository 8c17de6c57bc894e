//! Registers the models that ship with the project, so that a new studio can generate at once.
use anyhow::Context;
use serde_json::{Map, Value};
use server::routes::models::register_local_model;
use sqlx::PgPool;
use std::path::{Path, PathBuf};

/// What a model folder may bring: the default settings of its record, which the user interface takes up.
const DEFAULT_SETTINGS: &str = "invokeai-defaults.json";

/// Registers every model in `directory` that the studio does not know yet: folders, and single files.
///
/// Without a directory, `models` beside the program's repository is looked at, as for a build in a checkout.
pub(crate) async fn register(pool: &PgPool, directory: Option<&Path>) -> anyhow::Result<()> {
    let Some(directory) = directory.map(Path::to_owned).or_else(beside_the_program) else { return Ok(()) };
    let entries =
        std::fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        let is_folder = ["model_index.json", "config.json"].iter().any(|name| path.join(name).is_file());
        if is_folder || path.extension().is_some_and(|extension| extension == "safetensors") {
            register_one(pool, &path).await?;
        }
    }
    Ok(())
}

/// Once only: who deletes the model does not want it back at the next start.
async fn register_one(pool: &PgPool, path: &Path) -> anyhow::Result<()> {
    let now = uuid::Uuid::new_v4().to_string();
    let first = store::settings::get_or_set(pool, &format!("bundled_model:{}", path.display()), &now).await?;
    if first != now {
        return Ok(());
    }
    let overrides = default_settings(path)?;
    match register_local_model(pool, path, &path.to_string_lossy(), &overrides).await {
        Ok(_) => tracing::info!("registered the model {}", path.display()),
        // A studio without its bundled model still serves.
        Err(error) => tracing::error!("the model {} was not registered: {error}", path.display()),
    }
    Ok(())
}

/// The fields that override what the probe finds: none, without the file.
fn default_settings(path: &Path) -> anyhow::Result<Map<String, Value>> {
    let file = path.join(DEFAULT_SETTINGS);
    if !file.is_file() {
        return Ok(Map::new());
    }
    let read = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let settings =
        serde_json::from_slice(&read).with_context(|| format!("{} is not JSON", file.display()))?;
    Ok(Map::from_iter([("default_settings".to_owned(), settings)]))
}

/// `models` in an ancestor of the program's own directory (`target/release/invoke` lies two below the checkout),
/// or in the working directory.
fn beside_the_program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let working_directory = std::env::current_dir().ok();
    let checkout = program.ancestors().nth(3).map(Path::to_owned);
    [checkout, working_directory]
        .into_iter()
        .flatten()
        .map(|directory| directory.join("models"))
        .find(|directory| directory.join("pictograms/model_index.json").is_file())
}
