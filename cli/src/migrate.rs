//! `invoke migrate`: brings the database up to date, so that a server and workers can start on it, and ends.
use crate::{
    arguments::MigrateOptions,
    bundled_model,
    configuration::{self, ConfigurationFile},
    logging, serve,
    user::password,
};
use anyhow::{Context, bail};
use sqlx::PgPool;
use std::path::Path;
use store::accounts::{self, NewAccount};

/// Not an argument: those are seen by everybody on the machine.
const ADMINISTRATOR_PASSWORD: &str = "INVOKEAI_ADMINISTRATOR_PASSWORD";

/// Migrates; then makes the first administrator and registers the bundled models, each if it is asked for.
pub(crate) async fn run(mut options: MigrateOptions) -> anyhow::Result<()> {
    let root = configuration::root(&options.common)?;
    let file = ConfigurationFile::read(options.common.config.as_deref(), &root)?;
    file.complete_common(&mut options.common, &root);
    logging::start(&options.common);
    let pool = serve::connect_existing(&options.common, 2).await?;
    tracing::info!("the database is up to date");
    if let Some(email) = &options.administrator_email {
        make_administrator(&pool, email).await?;
    }
    if let Some(directory) = options.bundled_models_dir.as_deref().filter(|directory| !directory.is_empty()) {
        let files = serve::image_files(&options.common, &root).await;
        if let Err(error) = &files {
            tracing::warn!("the bundled models get no covers: {error:#}");
        }
        bundled_model::register(&pool, files.as_ref().ok(), Some(Path::new(directory))).await?;
    }
    pool.close().await;
    Ok(())
}

/// Only the first: who administers the studio later is the affair of its people.
async fn make_administrator(pool: &PgPool, email: &str) -> anyhow::Result<()> {
    if accounts::has_administrator(pool).await? {
        tracing::info!("the studio has an administrator already");
        return Ok(());
    }
    let password = std::env::var(ADMINISTRATOR_PASSWORD).unwrap_or_default();
    if password.is_empty() {
        bail!("give the password of {email} in {ADMINISTRATOR_PASSWORD}");
    }
    let hash = password::hash(&password).await?;
    let new = NewAccount { email, display_name: None, password_hash: &hash, is_admin: true };
    match accounts::create_first_administrator(pool, &new).await {
        Ok(_) => tracing::info!(email, "made the first administrator"),
        // Another one came first.
        Err(store::Error::Conflict(_)) if accounts::has_administrator(pool).await? => {}
        Err(error) => return Err(error).with_context(|| format!("cannot make the administrator {email}")),
    }
    Ok(())
}
