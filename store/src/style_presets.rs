//! Style presets: prompt templates, private to their owner unless shared.
use crate::{Error, Result};
use domain::account::CurrentUser;
use sqlx::PgPool;

/// A style preset's row.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct StylePreset {
    pub id: String,
    pub user_id: String,
    pub name: String,
    pub positive_prompt: String,
    pub negative_prompt: String,
    pub r#type: String,
    pub is_public: bool,
    pub has_image: bool,
}

/// What a client gives to make or change one.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct NewStylePreset {
    pub name: String,
    pub positive_prompt: String,
    pub negative_prompt: String,
    pub r#type: String,
    pub is_public: bool,
}

/// A preset that every studio has.
#[derive(Debug, Clone, serde::Deserialize)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct DefaultStylePreset {
    /// Starts with `default_` and never changes.
    pub id: String,
    pub name: String,
    pub positive_prompt: String,
    pub negative_prompt: String,
}

/// Adds a preset.
pub async fn insert(
    pool: &PgPool,
    user: &CurrentUser,
    preset: &NewStylePreset,
    has_image: bool,
) -> Result<StylePreset> {
    Ok(sqlx::query_as!(
        StylePreset,
        "insert into style_presets (id, user_id, name, positive_prompt, negative_prompt, type, is_public, has_image) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) \
         returning id, user_id, name, positive_prompt, negative_prompt, type, is_public, has_image",
        uuid::Uuid::new_v4().to_string(),
        user.user_id,
        preset.name,
        preset.positive_prompt,
        preset.negative_prompt,
        preset.r#type,
        preset.is_public,
        has_image,
    )
    .fetch_one(pool)
    .await?)
}

/// A preset that the asker may see.
pub async fn get(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<StylePreset> {
    let preset = sqlx::query_as!(
        StylePreset,
        "select id, user_id, name, positive_prompt, negative_prompt, type, is_public, has_image \
         from style_presets where id = $1",
        id
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::NotFound)?;
    let visible = user.may_manage(&preset.user_id) || preset.is_public || preset.r#type == "default";
    if visible { Ok(preset) } else { Err(Error::Forbidden) }
}

/// A preset that the asker may change.
pub async fn get_own(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<StylePreset> {
    let preset = get(pool, user, id).await?;
    if user.may_manage(&preset.user_id) { Ok(preset) } else { Err(Error::Forbidden) }
}

/// The presets that the asker sees, by name.
pub async fn list(pool: &PgPool, user: &CurrentUser) -> Result<Vec<StylePreset>> {
    Ok(sqlx::query_as!(
        StylePreset,
        "select id, user_id, name, positive_prompt, negative_prompt, type, is_public, has_image from style_presets \
         where $1 or user_id = $2 or is_public or type = 'default' order by lower(name)",
        user.is_admin,
        user.user_id,
    )
    .fetch_all(pool)
    .await?)
}

/// Replaces a preset's content.
pub async fn update(
    pool: &PgPool,
    user: &CurrentUser,
    id: &str,
    preset: &NewStylePreset,
    has_image: bool,
) -> Result<StylePreset> {
    get_own(pool, user, id).await?;
    sqlx::query!(
        "update style_presets set name = $2, positive_prompt = $3, negative_prompt = $4, type = $5, is_public = $6, \
         has_image = $7, updated_at = clock_timestamp() where id = $1",
        id,
        preset.name,
        preset.positive_prompt,
        preset.negative_prompt,
        preset.r#type,
        preset.is_public,
        has_image,
    )
    .execute(pool)
    .await?;
    get(pool, user, id).await
}

/// Deletes a preset.
pub async fn delete(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<()> {
    get_own(pool, user, id).await?;
    sqlx::query!("delete from style_presets where id = $1", id).execute(pool).await?;
    Ok(())
}

/// Makes the presets that every studio has these: changed ones are restored, others removed. Presets of the type
/// `default` that administrators made stay; they are told by their ids.
pub async fn replace_defaults(pool: &PgPool, defaults: &[DefaultStylePreset]) -> Result<()> {
    let mut transaction = pool.begin().await?;
    // One after the other: several servers start at once.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('default style presets'))")
        .execute(&mut *transaction)
        .await?;
    for preset in defaults {
        sqlx::query!(
            "insert into style_presets (id, user_id, name, positive_prompt, negative_prompt, type) \
             values ($1, 'system', $2, $3, $4, 'default') \
             on conflict (id) do update set name = excluded.name, positive_prompt = excluded.positive_prompt, \
             negative_prompt = excluded.negative_prompt, type = excluded.type, updated_at = clock_timestamp() \
             where (style_presets.name, style_presets.positive_prompt, style_presets.negative_prompt, style_presets.type) \
             is distinct from (excluded.name, excluded.positive_prompt, excluded.negative_prompt, excluded.type)",
            preset.id,
            preset.name,
            preset.positive_prompt,
            preset.negative_prompt,
        )
        .execute(&mut *transaction)
        .await?;
    }
    let ids: Vec<String> = defaults.iter().map(|preset| preset.id.clone()).collect();
    sqlx::query!("delete from style_presets where starts_with(id, 'default_') and id <> all($1)", &ids)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}
