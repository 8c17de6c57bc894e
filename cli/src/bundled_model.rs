//! Registers the model that ships with the project, so that a new studio can generate at once.
use anyhow::Context;
use server::routes::models::register_local_model;
use sqlx::PgPool;
use std::path::{Path, PathBuf};

/// Registers every model folder below `directory` that the studio does not know yet.
///
/// Without a directory, `models` beside the program's repository is looked at, as for a build in a checkout.
pub(crate) async fn register(pool: &PgPool, directory: Option<&Path>) -> anyhow::Result<()> {
    let Some(directory) = directory.map(Path::to_owned).or_else(beside_the_program) else { return Ok(()) };
    let entries =
        std::fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.join("model_index.json").is_file() {
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
    match register_local_model(pool, path, &path.to_string_lossy()).await {
        Ok(_) => tracing::info!("registered the model {}", path.display()),
        // A studio without its bundled model still serves.
        Err(error) => tracing::error!("the model {} was not registered: {error}", path.display()),
    }
    Ok(())
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
