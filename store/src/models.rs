//! Models: their configurations as clients see them.
use crate::{Error, Result};
use serde_json::Value;
use sqlx::PgPool;

/// The columns that models are found by, taken from a configuration.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct NewModel {
    pub key: String,
    pub hash: String,
    pub base: String,
    pub r#type: String,
    pub format: String,
    pub name: String,
    pub path: String,
    /// The whole configuration.
    pub config: Value,
}

/// Which models to list; absent fields match all.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct Filter {
    pub bases: Option<Vec<String>>,
    pub r#type: Option<String>,
    pub name: Option<String>,
    pub format: Option<String>,
}

impl NewModel {
    /// Reads the columns out of a configuration; `None` if one is missing.
    pub fn from_config(config: Value) -> Option<Self> {
        let text = |field: &str| config.get(field)?.as_str().map(ToOwned::to_owned);
        Some(Self {
            key: text("key")?,
            hash: text("hash")?,
            base: text("base")?,
            r#type: text("type")?,
            format: text("format")?,
            name: text("name")?,
            path: text("path")?,
            config: config.clone(),
        })
    }
}

fn refuse_duplicates(error: sqlx::Error) -> Error {
    match error
        .as_database_error()
        .filter(|error| error.is_unique_violation())
        .and_then(|error| error.constraint())
    {
        Some("models_path_key") => Error::Conflict("A model with this path is already installed".to_owned()),
        Some(_) => Error::Conflict("A model with this name, type and base is already installed".to_owned()),
        None => error.into(),
    }
}

/// Adds a model.
pub async fn insert(pool: &PgPool, model: &NewModel) -> Result<()> {
    sqlx::query!(
        "insert into models (key, hash, base, type, format, name, path, config) values ($1, $2, $3, $4, $5, $6, $7, $8::text::json)",
        model.key,
        model.hash,
        model.base,
        model.r#type,
        model.format,
        model.name,
        model.path,
        model.config.to_string(),
    )
    .execute(pool)
    .await
    .map_err(refuse_duplicates)?;
    Ok(())
}

/// Replaces a model's configuration.
pub async fn update(pool: &PgPool, model: &NewModel) -> Result<()> {
    let changed = sqlx::query!(
        "update models set hash = $2, base = $3, type = $4, format = $5, name = $6, path = $7, config = $8::text::json, \
         updated_at = clock_timestamp() where key = $1",
        model.key,
        model.hash,
        model.base,
        model.r#type,
        model.format,
        model.name,
        model.path,
        model.config.to_string(),
    )
    .execute(pool)
    .await
    .map_err(refuse_duplicates)?;
    if changed.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// The configuration of a model.
pub async fn get(pool: &PgPool, key: &str) -> Result<Value> {
    sqlx::query_scalar!("select config from models where key = $1", key)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)
}

/// The configurations of the matching models, by type, base and name.
pub async fn list(pool: &PgPool, filter: &Filter) -> Result<Vec<Value>> {
    Ok(sqlx::query_scalar!(
        "select config from models where ($1::text[] is null or base = any($1)) and ($2::text is null or type = $2) \
         and ($3::text is null or name = $3) and ($4::text is null or format = $4) \
         order by type, base, name, format",
        filter.bases.as_deref(),
        filter.r#type,
        filter.name,
        filter.format,
    )
    .fetch_all(pool)
    .await?)
}

/// The configuration of the model with this content.
pub async fn get_by_hash(pool: &PgPool, hash: &str) -> Result<Value> {
    sqlx::query_scalar!("select config from models where hash = $1 order by key limit 1", hash)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)
}

/// The configuration of the model at this path.
pub async fn get_by_path(pool: &PgPool, path: &str) -> Result<Value> {
    sqlx::query_scalar!("select config from models where path = $1", path)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)
}

/// Removes a model's row and returns its configuration.
pub async fn delete(pool: &PgPool, key: &str) -> Result<Value> {
    sqlx::query_scalar!("delete from models where key = $1 returning config", key)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)
}
