//! Zips of images that were asked for and can be fetched once.
use crate::{Error, Result};
use domain::account::CurrentUser;
use sqlx::PgPool;

/// Notes that `user` may fetch these images as a zip of this name. The caller has checked that they may read them.
pub async fn record(pool: &PgPool, user: &CurrentUser, name: &str, image_names: &[String]) -> Result<()> {
    sqlx::query!(
        "insert into image_downloads (name, user_id, image_names) values ($1, $2, $3)",
        name,
        user.user_id,
        image_names,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Takes a zip off the list and returns its images: only its owner (or an administrator) may, and only once.
pub async fn claim(pool: &PgPool, user: &CurrentUser, name: &str) -> Result<Vec<String>> {
    let owner = sqlx::query_scalar!("select user_id from image_downloads where name = $1", name)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)?;
    if !user.may_manage(&owner) {
        return Err(Error::Forbidden);
    }
    sqlx::query_scalar!("delete from image_downloads where name = $1 returning image_names", name)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)
}
