//! The `workers` table: workers as they tell of themselves.
use crate::{Result, caches::NodeCacheNumbers};
use sqlx::PgPool;

/// Seconds after which a worker that says nothing is no longer counted.
pub(crate) const SILENCE: f64 = 60.0;

/// What a worker tells of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// The name under which it claims.
    pub worker_id: String,
    /// The pool that it belongs to.
    pub pool: String,
    /// What computes: `cpu` or `cuda`.
    pub device: String,
    /// Its version.
    pub version: String,
    /// It finishes its item and takes no other.
    pub is_draining: bool,
    /// What its cache of node outputs holds.
    pub node_cache: NodeCacheNumbers,
}

/// A worker is there; to be told again and again.
pub async fn announce(pool: &PgPool, worker: &Presence) -> Result<()> {
    sqlx::query!(
        "insert into workers (worker_id, pool, device, version, is_draining,
            cache_entries, cache_max_entries, cache_hits, cache_misses)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (worker_id) do update set pool = excluded.pool, device = excluded.device,
            version = excluded.version, is_draining = excluded.is_draining,
            cache_entries = excluded.cache_entries, cache_max_entries = excluded.cache_max_entries,
            cache_hits = excluded.cache_hits, cache_misses = excluded.cache_misses, seen_at = clock_timestamp()",
        worker.worker_id,
        worker.pool,
        worker.device,
        worker.version,
        worker.is_draining,
        worker.node_cache.entries,
        worker.node_cache.max_entries,
        worker.node_cache.hits,
        worker.node_cache.misses,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// A worker goes. Rows of those that went without a word are removed too, some time later.
pub async fn depart(pool: &PgPool, worker_id: &str) -> Result<()> {
    sqlx::query!(
        "delete from workers where worker_id = $1 or seen_at < clock_timestamp() - interval '1 hour'",
        worker_id
    )
    .execute(pool)
    .await?;
    Ok(())
}
