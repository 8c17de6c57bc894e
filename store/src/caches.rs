//! The caches of the workers: what is asked of all of them, and what all of them hold.
use crate::{Error, Result, workers::SILENCE};
use domain::account::CurrentUser;
use sqlx::PgPool;

/// What all workers are to do with their caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheControl {
    /// Whether outputs of nodes are kept and used.
    pub node_cache_enabled: bool,
    /// Rises with each request to forget all outputs of nodes.
    pub node_cache_cleared: i64,
    /// Rises with each request to drop all loaded models.
    pub model_cache_cleared: i64,
}

/// What caches of node outputs hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeCacheNumbers {
    /// Outputs that are kept.
    pub entries: i64,
    /// How many may be kept.
    pub max_entries: i64,
    /// How often an output was found, since the cache was last emptied.
    pub hits: i64,
    /// How often none was found.
    pub misses: i64,
}

fn only_administrators(user: &CurrentUser) -> Result<()> {
    if user.is_admin { Ok(()) } else { Err(Error::Forbidden) }
}

/// What workers are to do.
pub async fn control(pool: &PgPool) -> Result<CacheControl> {
    Ok(sqlx::query_as!(
        CacheControl,
        "select node_cache_enabled, node_cache_cleared, model_cache_cleared from cache_control"
    )
    .fetch_one(pool)
    .await?)
}

async fn tell_workers(pool: &PgPool) -> Result<()> {
    sqlx::query!("select pg_notify('cache_control', '')").execute(pool).await?;
    Ok(())
}

/// Lets workers keep outputs of nodes, or not.
///
/// # Errors
/// [`Error::Forbidden`] unless an administrator asks.
pub async fn set_node_cache_enabled(pool: &PgPool, user: &CurrentUser, enabled: bool) -> Result<()> {
    only_administrators(user)?;
    sqlx::query!("update cache_control set node_cache_enabled = $1", enabled).execute(pool).await?;
    tell_workers(pool).await
}

/// Asks all workers to forget the outputs of nodes.
///
/// # Errors
/// [`Error::Forbidden`] unless an administrator asks.
pub async fn clear_node_caches(pool: &PgPool, user: &CurrentUser) -> Result<()> {
    only_administrators(user)?;
    sqlx::query!("update cache_control set node_cache_cleared = node_cache_cleared + 1")
        .execute(pool)
        .await?;
    tell_workers(pool).await
}

/// Asks all workers to drop the models that they have loaded and do not use.
///
/// # Errors
/// [`Error::Forbidden`] unless an administrator asks.
pub async fn clear_model_caches(pool: &PgPool, user: &CurrentUser) -> Result<()> {
    only_administrators(user)?;
    sqlx::query!("update cache_control set model_cache_cleared = model_cache_cleared + 1")
        .execute(pool)
        .await?;
    tell_workers(pool).await
}

/// What the caches of all workers hold that are there.
pub async fn total(pool: &PgPool) -> Result<NodeCacheNumbers> {
    Ok(sqlx::query_as!(
        NodeCacheNumbers,
        r#"select coalesce(sum(cache_entries), 0)::bigint as "entries!",
                coalesce(sum(cache_max_entries), 0)::bigint as "max_entries!",
                coalesce(sum(cache_hits), 0)::bigint as "hits!", coalesce(sum(cache_misses), 0)::bigint as "misses!"
            from workers where seen_at > clock_timestamp() - make_interval(secs => $1)"#,
        SILENCE,
    )
    .fetch_one(pool)
    .await?)
}
