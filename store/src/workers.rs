//! The `workers` table: workers as they tell of themselves.
use crate::Result;
use sqlx::PgPool;

/// Seconds after which a worker that says nothing is no longer counted.
pub(crate) const SILENCE: f64 = 60.0;

/// What a worker tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// The name under which it claims.
    pub worker_id: String,
    /// The pool that it belongs to.
    pub pool: String,
    /// What computes: `cpu` or `cuda`.
    pub device: String,
    /// Its version.
    pub version: String,
}

/// A worker is there; to be told again and again.
pub async fn announce(pool: &PgPool, worker: &Presence, is_draining: bool) -> Result<()> {
    sqlx::query!(
        "insert into workers (worker_id, pool, device, version, is_draining) values ($1, $2, $3, $4, $5)
        on conflict (worker_id) do update set pool = excluded.pool, device = excluded.device,
            version = excluded.version, is_draining = excluded.is_draining, seen_at = clock_timestamp()",
        worker.worker_id,
        worker.pool,
        worker.device,
        worker.version,
        is_draining,
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
