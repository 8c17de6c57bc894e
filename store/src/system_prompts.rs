//! System prompts for prompt expansion: private to their owner unless shared.
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::account::CurrentUser;
use sqlx::PgPool;

/// A system prompt's row.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct SystemPrompt {
    pub id: String,
    pub user_id: String,
    pub name: String,
    pub content: String,
    pub is_public: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Adds a prompt.
pub async fn insert(pool: &PgPool, user: &CurrentUser, name: &str, content: &str) -> Result<SystemPrompt> {
    Ok(sqlx::query_as!(
        SystemPrompt,
        "insert into system_prompts (id, user_id, name, content) values ($1, $2, $3, $4) \
         returning id, user_id, name, content, is_public, created_at, updated_at",
        uuid::Uuid::new_v4().to_string(),
        user.user_id,
        name,
        content,
    )
    .fetch_one(pool)
    .await?)
}

/// A prompt that the asker may see.
pub async fn get(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<SystemPrompt> {
    let prompt = sqlx::query_as!(
        SystemPrompt,
        "select id, user_id, name, content, is_public, created_at, updated_at from system_prompts where id = $1",
        id
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::NotFound)?;
    if prompt.is_public || user.may_manage(&prompt.user_id) { Ok(prompt) } else { Err(Error::Forbidden) }
}

/// The prompts that the asker sees, by name.
pub async fn list(pool: &PgPool, user: &CurrentUser) -> Result<Vec<SystemPrompt>> {
    Ok(sqlx::query_as!(
        SystemPrompt,
        "select id, user_id, name, content, is_public, created_at, updated_at from system_prompts \
         where $1 or user_id = $2 or is_public order by lower(name)",
        user.is_admin,
        user.user_id,
    )
    .fetch_all(pool)
    .await?)
}

/// Changes a prompt; absent fields stay.
pub async fn update(
    pool: &PgPool,
    user: &CurrentUser,
    id: &str,
    name: Option<&str>,
    content: Option<&str>,
    is_public: Option<bool>,
) -> Result<SystemPrompt> {
    own(pool, user, id).await?;
    sqlx::query!(
        "update system_prompts set name = coalesce($2, name), content = coalesce($3, content), \
         is_public = coalesce($4, is_public), updated_at = clock_timestamp() where id = $1",
        id,
        name,
        content,
        is_public,
    )
    .execute(pool)
    .await?;
    get(pool, user, id).await
}

/// Deletes a prompt.
pub async fn delete(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<()> {
    own(pool, user, id).await?;
    sqlx::query!("delete from system_prompts where id = $1", id).execute(pool).await?;
    Ok(())
}

async fn own(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<()> {
    let prompt = get(pool, user, id).await?;
    if user.may_manage(&prompt.user_id) { Ok(()) } else { Err(Error::Forbidden) }
}
