//! The `client_state` table: what the UI remembers for each account.
use crate::Result;
use domain::account::CurrentUser;
use sqlx::PgPool;

/// The value under a key.
pub async fn get(pool: &PgPool, user: &CurrentUser, key: &str) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "select value from client_state where user_id = $1 and key = $2",
        user.user_id,
        key
    )
    .fetch_optional(pool)
    .await?)
}

/// Sets the value under a key.
pub async fn set(pool: &PgPool, user: &CurrentUser, key: &str, value: &str) -> Result<()> {
    sqlx::query!(
        "insert into client_state (user_id, key, value) values ($1, $2, $3)
         on conflict (user_id, key) do update set value = excluded.value, updated_at = clock_timestamp()",
        user.user_id,
        key,
        value
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The keys that begin with a prefix.
pub async fn keys_with_prefix(pool: &PgPool, user: &CurrentUser, prefix: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "select key from client_state where user_id = $1 and starts_with(key, $2) order by updated_at desc",
        user.user_id,
        prefix
    )
    .fetch_all(pool)
    .await?)
}

/// Forgets one key.
pub async fn delete(pool: &PgPool, user: &CurrentUser, key: &str) -> Result<()> {
    sqlx::query!("delete from client_state where user_id = $1 and key = $2", user.user_id, key)
        .execute(pool)
        .await?;
    Ok(())
}

/// Forgets everything of this account.
pub async fn delete_all(pool: &PgPool, user: &CurrentUser) -> Result<()> {
    sqlx::query!("delete from client_state where user_id = $1", user.user_id).execute(pool).await?;
    Ok(())
}
