//! Failed logins, counted by account and by address for all replicas together.
use crate::Result;
use sqlx::PgPool;
use std::time::Duration;

/// What attempts are counted by, and how many may fail within a window.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Unique for an account or an address; not readable, since people type passwords into the wrong field.
    pub key: String,
    /// So many attempts are let through.
    pub attempts: i32,
}

/// Counts an attempt before it is looked at, so that attempts at the same time count too. Refused attempts do not
/// count: a window ends `window` after its first failure.
///
/// Returns seconds to wait when one of `limits` is reached.
pub async fn begin(pool: &PgPool, limits: &[Limit], window: Duration) -> Result<Option<u64>> {
    let keys: Vec<String> = limits.iter().map(|limit| limit.key.clone()).collect();
    let mut transaction = pool.begin().await?;
    let counts = sqlx::query!(
        // In one order, so that two attempts with the same two keys wait for each other only once.
        r#"insert into login_attempts as a (key, count, since)
        select key, 1, clock_timestamp() from unnest($1::text[]) as key order by key
        on conflict (key) do update set
            count = case when a.since < clock_timestamp() - make_interval(secs => $2) then 1 else a.count + 1 end,
            since = case
                when a.since < clock_timestamp() - make_interval(secs => $2) then clock_timestamp() else a.since
            end
        returning key, count,
            extract(epoch from since + make_interval(secs => $2) - clock_timestamp())::float8 as "left!""#,
        &keys,
        window.as_secs_f64()
    )
    .fetch_all(&mut *transaction)
    .await?;
    let wait = counts
        .iter()
        .filter(|row| limits.iter().any(|limit| limit.key == row.key && row.count > limit.attempts))
        .map(|row| row.left.max(1.0))
        .reduce(f64::max);
    match wait {
        Some(seconds) => {
            transaction.rollback().await?;
            Ok(Some(Duration::from_secs_f64(seconds.ceil()).as_secs()))
        }
        None => {
            transaction.commit().await?;
            Ok(None)
        }
    }
}

/// A right password clears the count of `account`, and was no failure of `address`.
pub async fn succeeded(pool: &PgPool, account: &str, address: &str) -> Result<()> {
    sqlx::query!(
        "with cleared as (delete from login_attempts where key = $1)
        update login_attempts set count = count - 1 where key = $2 and count > 0",
        account,
        address
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets counts whose window has ended.
pub async fn prune(pool: &PgPool, window: Duration) -> Result<()> {
    sqlx::query!(
        "delete from login_attempts where since < clock_timestamp() - make_interval(secs => $1)",
        window.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(())
}
