//! The `settings` table: what the installation itself must remember.
use crate::Result;
use sqlx::PgPool;

/// The value under `key`, if there is one.
pub async fn get(pool: &PgPool, key: &str) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select value from settings where key = $1", key).fetch_optional(pool).await?)
}

/// Sets the value under `key`.
pub async fn set(pool: &PgPool, key: &str, value: &str) -> Result<()> {
    sqlx::query!(
        "insert into settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        key,
        value
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The value under `key`; when there is none, `fresh` becomes it, and of several at once only one does.
pub async fn get_or_set(pool: &PgPool, key: &str, fresh: &str) -> Result<String> {
    sqlx::query!("insert into settings (key, value) values ($1, $2) on conflict do nothing", key, fresh)
        .execute(pool)
        .await?;
    Ok(sqlx::query_scalar!("select value from settings where key = $1", key).fetch_one(pool).await?)
}
