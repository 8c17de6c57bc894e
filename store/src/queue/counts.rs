//! How many items are in each status: of a batch, of a destination; how the counts of a queue are kept.
use crate::Result;
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{PgConnection, PgPool};

/// After so many claims (of this share of the item ids, to be exact) the differences are summed up.
pub(super) const CLAIMS_A_SUM: i64 = 64;

/// How many items are in each status.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct Counts {
    pub pending: i64,
    pub in_progress: i64,
    pub waiting: i64,
    pub completed: i64,
    pub failed: i64,
    pub canceled: i64,
    pub total: i64,
}

impl Counts {
    pub(super) fn of(rows: impl IntoIterator<Item = (String, i64)>) -> Self {
        let mut counts = Self::default();
        for (status, count) in rows {
            counts.total += count;
            match status.as_str() {
                "pending" => counts.pending += count,
                "in_progress" => counts.in_progress += count,
                "waiting" => counts.waiting += count,
                "completed" => counts.completed += count,
                "failed" => counts.failed += count,
                _ => counts.canceled += count,
            }
        }
        counts
    }
}

/// The state of a batch.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "BatchStatus")]
#[expect(missing_docs, reason = "the names are the wire's")]
pub struct BatchStatus {
    pub queue_id: String,
    pub batch_id: String,
    pub origin: Option<String>,
    pub destination: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

/// The state of a destination.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "SessionQueueCountsByDestination")]
#[expect(missing_docs, reason = "the names are the wire's")]
pub struct DestinationCounts {
    pub queue_id: String,
    pub destination: String,
    #[serde(flatten)]
    pub counts: Counts,
}

/// The state of a batch; of other people's items only an administrator hears.
pub async fn batch_status(
    pool: &PgPool,
    viewer: &CurrentUser,
    queue_id: &str,
    batch_id: &str,
) -> Result<BatchStatus> {
    batch_status_on(&mut *pool.acquire().await?, viewer, queue_id, batch_id).await
}

pub(super) async fn batch_status_on(
    connection: &mut PgConnection,
    viewer: &CurrentUser,
    queue_id: &str,
    batch_id: &str,
) -> Result<BatchStatus> {
    let rows = sqlx::query!(
        r#"select status, count(*) as "count!", min(origin) as origin, min(destination) as destination
        from queue_items where queue_id = $1 and batch_id = $2 and ($3 or user_id = $4) group by status"#,
        queue_id,
        batch_id,
        viewer.is_admin,
        viewer.user_id,
    )
    .fetch_all(connection)
    .await?;
    Ok(BatchStatus {
        queue_id: queue_id.to_owned(),
        batch_id: batch_id.to_owned(),
        origin: rows.first().and_then(|row| row.origin.clone()),
        destination: rows.first().and_then(|row| row.destination.clone()),
        counts: Counts::of(rows.into_iter().map(|row| (row.status, row.count))),
    })
}

/// The state of a destination; of other people's items only an administrator hears.
pub async fn destination_counts(
    pool: &PgPool,
    viewer: &CurrentUser,
    queue_id: &str,
    destination: &str,
) -> Result<DestinationCounts> {
    let rows = sqlx::query!(
        r#"select status, count(*) as "count!" from queue_items
        where queue_id = $1 and destination = $2 and ($3 or user_id = $4) group by status"#,
        queue_id,
        destination,
        viewer.is_admin,
        viewer.user_id,
    )
    .fetch_all(pool)
    .await?;
    Ok(DestinationCounts {
        queue_id: queue_id.to_owned(),
        destination: destination.to_owned(),
        counts: Counts::of(rows.into_iter().map(|row| (row.status, row.count))),
    })
}

/// So many differences are summed up before they are read again.
const MANY: i64 = 256;

/// How many items wait in a queue.
pub(super) async fn pending(connection: &mut PgConnection, queue_id: &str) -> Result<u64> {
    let row = sqlx::query!(
        r#"select coalesce(sum(items) filter (where status = 'pending'), 0)::bigint as "pending!",
            count(*) as "differences!"
        from queue_counts where queue_id = $1"#,
        queue_id
    )
    .fetch_one(&mut *connection)
    .await?;
    if row.differences > MANY {
        sum_up(connection, queue_id).await?;
    }
    Ok(u64::try_from(row.pending).unwrap_or_default())
}

/// Replaces the differences of a queue's counts by their sum, so that reading them stays quick.
pub(super) async fn sum_up(connection: &mut PgConnection, queue_id: &str) -> Result<()> {
    // What another transaction is just summing up is left to it.
    sqlx::query!(
        "with differences as (
            delete from queue_counts
            where ctid = any(array(select ctid from queue_counts where queue_id = $1 for update skip locked))
            returning user_id, status, items
        )
        insert into queue_counts (queue_id, user_id, status, items)
        select $1, user_id, status, sum(items) from differences group by user_id, status having sum(items) <> 0",
        queue_id
    )
    .execute(connection)
    .await?;
    Ok(())
}
