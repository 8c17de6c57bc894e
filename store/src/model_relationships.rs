//! Models that belong together; the relation has no direction.
use crate::{Error, Result};
use sqlx::PgPool;

fn ordered<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    if one < other { (one, other) } else { (other, one) }
}

/// Relates two models; `Conflict` if they are related already, `NotFound` if one does not exist.
pub async fn insert(pool: &PgPool, one: &str, other: &str) -> Result<()> {
    let (first, second) = ordered(one, other);
    let result = sqlx::query!(
        "insert into model_relationships (model_key_1, model_key_2) values ($1, $2)",
        first,
        second
    )
    .execute(pool)
    .await;
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.as_database_error() {
            Some(database) if database.is_unique_violation() => {
                Error::Conflict("these models are related already".to_owned())
            }
            Some(database) if database.is_foreign_key_violation() => Error::NotFound,
            _ => error.into(),
        }),
    }
}

/// Ends a relation; `NotFound` if there is none.
pub async fn delete(pool: &PgPool, one: &str, other: &str) -> Result<()> {
    let (first, second) = ordered(one, other);
    let gone = sqlx::query!(
        "delete from model_relationships where model_key_1 = $1 and model_key_2 = $2",
        first,
        second
    )
    .execute(pool)
    .await?;
    if gone.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// The keys of the models related to any of these.
pub async fn related(pool: &PgPool, keys: &[String]) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"select model_key_2 as "key!" from model_relationships where model_key_1 = any($1)
        union select model_key_1 from model_relationships where model_key_2 = any($1)"#,
        keys,
    )
    .fetch_all(pool)
    .await?)
}
