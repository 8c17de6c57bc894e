//! Zip files of images that are ready to be fetched once.
use crate::{Error, Result};
use domain::account::CurrentUser;
use sqlx::PgPool;

/// Notes that a zip of this name is ready for `user`.
pub async fn record(pool: &PgPool, user: &CurrentUser, name: &str) -> Result<()> {
    sqlx::query!("insert into image_downloads (name, user_id) values ($1, $2)", name, user.user_id)
        .execute(pool)
        .await?;
    Ok(())
}

/// Takes a zip off the list: only its owner (or an administrator) may, and only once.
pub async fn claim(pool: &PgPool, user: &CurrentUser, name: &str) -> Result<()> {
    let owner = sqlx::query_scalar!("select user_id from image_downloads where name = $1", name)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)?;
    if !user.may_manage(&owner) {
        return Err(Error::Forbidden);
    }
    sqlx::query!("delete from image_downloads where name = $1", name).execute(pool).await?;
    Ok(())
}
