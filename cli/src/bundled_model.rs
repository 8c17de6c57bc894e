//! Registers the models that ship with the project, so that a new studio can generate at once.
//!
//! A model may bring what people see of it: in a folder `invokeai.json`, beside a single file `NAME.safetensors` the
//! file `NAME.invokeai.json`, with any of the fields of [`Presentation`]. The older `invokeai-defaults.json` of a
//! folder holds its default settings alone.
use anyhow::Context;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use server::routes::models::{register_local_model, set_model_cover};
use sqlx::PgPool;
use std::path::{Path, PathBuf};
use store::files::ImageFiles;

/// The name in a folder, and what replaces the extension of a single file.
const PRESENTATION: &str = "invokeai.json";
const DEFAULT_SETTINGS: &str = "invokeai-defaults.json";

/// What a model brings for its record.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Presentation {
    /// What it is for.
    description: Option<String>,
    /// Words that bring it out.
    trigger_phrases: Option<Vec<String>>,
    /// The settings that the user interface takes up, in upstream's fields for this kind of model.
    default_settings: Option<Value>,
    /// The picture in the list of models: a PNG, JPEG or WebP, by its path from this file.
    cover: Option<PathBuf>,
}

/// Registers every model in `directory` that the studio does not know yet: folders, and single files. Covers go to
/// `files`; without it there are none.
///
/// Without a directory, `models` beside the program's repository is looked at, as for a build in a checkout.
pub(crate) async fn register(
    pool: &PgPool,
    files: Option<&ImageFiles>,
    directory: Option<&Path>,
) -> anyhow::Result<()> {
    let Some(directory) = directory.map(Path::to_owned).or_else(beside_the_program) else { return Ok(()) };
    let entries =
        std::fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        let is_folder = ["model_index.json", "config.json"].iter().any(|name| path.join(name).is_file());
        if is_folder || path.extension().is_some_and(|extension| extension == "safetensors") {
            register_one(pool, files, &path).await?;
        }
    }
    Ok(())
}

/// Once only: who deletes the model does not want it back at the next start.
async fn register_one(pool: &PgPool, files: Option<&ImageFiles>, path: &Path) -> anyhow::Result<()> {
    let now = uuid::Uuid::new_v4().to_string();
    let first = store::settings::get_or_set(pool, &format!("bundled_model:{}", path.display()), &now).await?;
    if first != now {
        return Ok(());
    }
    let presentation = Presentation::of(path)?;
    let config =
        match register_local_model(pool, path, &path.to_string_lossy(), &presentation.overrides()).await {
            Ok(config) => config,
            // A studio without its bundled model still serves.
            Err(error) => {
                tracing::error!("the model {} was not registered: {error}", path.display());
                return Ok(());
            }
        };
    tracing::info!("registered the model {}", path.display());
    if let (Some(files), Some(cover), Some(key)) = (files, &presentation.cover, config["key"].as_str()) {
        let picture = std::fs::read(cover).with_context(|| format!("cannot read {}", cover.display()))?;
        if let Err(error) = set_model_cover(pool, files, key, picture.into()).await {
            tracing::warn!("the model {} has no cover: {error}", path.display());
        }
    }
    Ok(())
}

impl Presentation {
    /// What the model at `path` brings; nothing, without a file. The cover's path is whole.
    fn of(path: &Path) -> anyhow::Result<Self> {
        let file = if path.is_dir() { path.join(PRESENTATION) } else { path.with_extension(PRESENTATION) };
        let mut found: Self = read(&file)?.unwrap_or_default();
        found.cover = found.cover.map(|cover| file.with_file_name(cover));
        if found.default_settings.is_none() {
            found.default_settings = read(&path.join(DEFAULT_SETTINGS))?;
        }
        Ok(found)
    }

    /// The fields that override what the probe finds.
    fn overrides(&self) -> Map<String, Value> {
        let fields = [
            ("description", self.description.clone().map(Value::from)),
            ("trigger_phrases", self.trigger_phrases.clone().map(Value::from)),
            ("default_settings", self.default_settings.clone()),
        ];
        fields.into_iter().filter_map(|(field, value)| Some((field.to_owned(), value?))).collect()
    }
}

/// A JSON file's content, if there is one.
fn read<T: DeserializeOwned>(file: &Path) -> anyhow::Result<Option<T>> {
    if !file.is_file() {
        return Ok(None);
    }
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let content = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not what goes with a model", file.display()))?;
    Ok(Some(content))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_a_folder_bring_what_lies_with_them() -> anyhow::Result<()> {
        let models = tempfile::tempdir()?;
        let at = |name: &str| models.path().join(name);
        std::fs::create_dir(at("main"))?;
        std::fs::write(at("main/invokeai.json"), r#"{"cover": "samples.png"}"#)?;
        std::fs::write(at("main/invokeai-defaults.json"), r#"{"width": 128}"#)?;
        std::fs::write(
            at("grey.invokeai.json"),
            r#"{"description": "greys", "default_settings": {"weight": 1}}"#,
        )?;
        std::fs::write(at("grey.safetensors"), "")?;

        let main = Presentation::of(&at("main"))?;
        assert_eq!(main.cover.as_deref(), Some(at("main/samples.png").as_path()));
        assert_eq!(Value::from(main.overrides()), serde_json::json!({"default_settings": {"width": 128}}));
        let grey = Presentation::of(&at("grey.safetensors"))?.overrides();
        assert_eq!(
            Value::from(grey),
            serde_json::json!({"description": "greys", "default_settings": {"weight": 1}})
        );
        assert!(Presentation::of(&at("bare.safetensors"))?.overrides().is_empty());
        std::fs::write(at("bare.invokeai.json"), r#"{"descripton": "misspelt"}"#)?;
        assert!(Presentation::of(&at("bare.safetensors")).is_err());
        Ok(())
    }
}
