//! Installations of models, as clients see them: rows, so that every replica can answer for them.
use crate::{Error, Result};
use serde_json::Value;
use sqlx::PgPool;

/// States in which an installation no longer changes.
const FINISHED: &[&str] = &["completed", "error", "cancelled"];

/// Adds a job without an id and returns it with one.
pub async fn insert(pool: &PgPool, mut job: Value) -> Result<Value> {
    let status = status(&job);
    let mut transaction = pool.begin().await?;
    let id = sqlx::query_scalar!(
        "insert into model_installs (status, job) values ($1, $2::text::json) returning id",
        status,
        job.to_string()
    )
    .fetch_one(&mut *transaction)
    .await?;
    if let Some(fields) = job.as_object_mut() {
        fields.insert("id".to_owned(), id.into());
    }
    sqlx::query!("update model_installs set job = $2::text::json where id = $1", id, job.to_string())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(job)
}

/// Replaces a job, unless it was cancelled or is gone: then the answer is `false`.
pub async fn update(pool: &PgPool, id: i64, job: &Value) -> Result<bool> {
    let changed = sqlx::query!(
        "update model_installs set status = $2, job = $3::text::json, updated_at = now()
        where id = $1 and status <> 'cancelled'",
        id,
        status(job),
        job.to_string()
    )
    .execute(pool)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Cancels a job that is not over and returns it; `None` if it is over.
///
/// # Errors
/// [`Error::NotFound`] when there is no such job.
pub async fn cancel(pool: &PgPool, id: i64) -> Result<Option<Value>> {
    let mut job = get(pool, id).await?;
    job["status"] = "cancelled".into();
    let finished: Vec<String> = FINISHED.iter().map(|&status| status.to_owned()).collect();
    let changed = sqlx::query!(
        "update model_installs set status = 'cancelled', job = $2::text::json, updated_at = now()
        where id = $1 and not (status = any($3))",
        id,
        job.to_string(),
        &finished,
    )
    .execute(pool)
    .await?;
    Ok((changed.rows_affected() > 0).then_some(job))
}

/// Whether a job was cancelled, or is gone.
pub async fn is_cancelled(pool: &PgPool, id: i64) -> Result<bool> {
    let status = sqlx::query_scalar!("select status from model_installs where id = $1", id)
        .fetch_optional(pool)
        .await?;
    Ok(status.is_none_or(|status| status == "cancelled"))
}

/// A job.
pub async fn get(pool: &PgPool, id: i64) -> Result<Value> {
    sqlx::query_scalar!("select job from model_installs where id = $1", id)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)
}

/// All jobs, oldest first.
pub async fn list(pool: &PgPool) -> Result<Vec<Value>> {
    Ok(sqlx::query_scalar!("select job from model_installs order by id").fetch_all(pool).await?)
}

/// Forgets the jobs that are over.
pub async fn prune(pool: &PgPool) -> Result<()> {
    let finished: Vec<String> = FINISHED.iter().map(|&status| status.to_owned()).collect();
    sqlx::query!("delete from model_installs where status = any($1)", &finished).execute(pool).await?;
    Ok(())
}

fn status(job: &Value) -> String {
    job.get("status").and_then(Value::as_str).unwrap_or("waiting").to_owned()
}
