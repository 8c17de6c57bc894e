//! What every studio has from the start: workflows and prompt templates, which lie in `server/defaults/` and in the
//! binary.
//!
//! They are brought into the database whenever a server starts, so that a release may change or take back what an
//! earlier one brought. As upstream, what an administrator did to them is undone then. While two releases run side by
//! side, the server that started last decides.
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgPool;
use store::{
    style_presets::{self, DefaultStylePreset},
    workflows::{self, Content},
};

/// In the editor's format 4.0.0. Their ids start with `default_` and never change.
const WORKFLOWS: &[&str] = &[
    include_str!("../defaults/workflows/text-to-image-pictograms.json"),
    include_str!("../defaults/workflows/text-to-image-sd1.json"),
    include_str!("../defaults/workflows/image-to-image-sd1.json"),
    include_str!("../defaults/workflows/text-to-image-lora-sd1.json"),
    include_str!("../defaults/workflows/text-to-image-controlnet-sd1.json"),
];

/// A list of [`DefaultStylePreset`]s.
const PROMPT_TEMPLATES: &str = include_str!("../defaults/prompt-templates.json");

/// Why the defaults are not in the database.
#[derive(Debug, thiserror::Error)]
pub enum DefaultsError {
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// One of the files in the binary is not what it should be.
    #[error("a default workflow or prompt template is malformed: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// Makes the database's default workflows and prompt templates those of this release. Several servers may do so at
/// once.
///
/// # Errors
/// When the database does not answer.
pub async fn synchronize(pool: &PgPool) -> Result<(), DefaultsError> {
    let workflows = WORKFLOWS.iter().map(|text| workflow(text)).collect::<Result<Vec<_>, _>>()?;
    workflows::replace_defaults(pool, &workflows).await?;
    let presets: Vec<DefaultStylePreset> = serde_json::from_str(PROMPT_TEMPLATES)?;
    style_presets::replace_defaults(pool, &presets).await?;
    Ok(())
}

/// The fields of a workflow that have columns.
#[derive(Deserialize)]
struct Columns {
    id: String,
    name: String,
    description: String,
    tags: String,
}

/// A workflow's id and content.
fn workflow(text: &str) -> Result<(String, Content), serde_json::Error> {
    let whole: Value = serde_json::from_str(text)?;
    let Columns { id, name, description, tags } = Columns::deserialize(&whole)?;
    // Without the white space of the file; the order of the keys stays.
    let workflow = whole.to_string();
    Ok((id, Content { name, description, category: "default".to_owned(), tags, workflow }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_marked_and_differ() {
        let presets: Vec<DefaultStylePreset> = serde_json::from_str(PROMPT_TEMPLATES).unwrap();
        let workflows = WORKFLOWS.iter().map(|text| workflow(text).unwrap().0);
        let all: Vec<String> = presets.into_iter().map(|preset| preset.id).chain(workflows).collect();
        assert!(all.iter().all(|id| id.starts_with("default_")));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn every_file_of_the_folder_is_in_the_binary() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/defaults/workflows");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        assert_eq!(files, WORKFLOWS.iter().map(|text| (*text).to_owned()).collect());
    }
}
