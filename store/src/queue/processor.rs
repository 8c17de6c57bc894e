//! Pause and resume of all workers.
use crate::Result;
use domain::account::CurrentUser;
use sqlx::PgPool;

/// Whether workers take no new items.
pub async fn is_paused(pool: &PgPool) -> Result<bool> {
    Ok(sqlx::query_scalar!("select paused from queue_processor").fetch_one(pool).await?)
}

/// Pauses or resumes.
///
/// # Errors
/// [`crate::Error::Forbidden`] unless an administrator asks.
pub async fn set_paused(pool: &PgPool, user: &CurrentUser, paused: bool) -> Result<()> {
    if !user.is_admin {
        return Err(crate::Error::Forbidden);
    }
    sqlx::query!("update queue_processor set paused = $1", paused).execute(pool).await?;
    sqlx::query!("select pg_notify('queue_wake', '')").execute(pool).await?;
    Ok(())
}
