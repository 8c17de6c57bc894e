//! What an account made, as a whole: it can go to another account before the first is deleted.
use crate::{Error, Result};
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::PgPool;

/// How much went to the other account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ReassignedBelongings")]
pub struct Reassigned {
    /// Images, those of the trash too.
    pub images: u64,
    /// Boards.
    pub boards: u64,
    /// Workflows.
    pub workflows: u64,
    /// Style presets.
    pub style_presets: u64,
    /// System prompts.
    pub system_prompts: u64,
}

/// Gives everything that `from` made to `to`, all of it or nothing. Items of the queue stay with their account, whose
/// end cancels them; preferences go with it.
///
/// # Errors
/// [`Error::Forbidden`] for others than administrators; [`Error::NotFound`] when one of the accounts does not exist;
/// [`Error::Conflict`] when both are the same.
pub async fn reassign(
    pool: &PgPool,
    administrator: &CurrentUser,
    from: &str,
    to: &str,
) -> Result<Reassigned> {
    if !administrator.is_admin {
        return Err(Error::Forbidden);
    }
    if from == to {
        return Err(Error::Conflict("An account cannot inherit from itself".into()));
    }
    let mut transaction = pool.begin().await?;
    // Neither account may be deleted meanwhile.
    let found = sqlx::query_scalar!(
        "select user_id from users where user_id in ($1, $2) order by user_id for share",
        from,
        to
    )
    .fetch_all(&mut *transaction)
    .await?;
    if found.len() != 2 {
        return Err(Error::NotFound);
    }
    let images = sqlx::query!("update images set user_id = $2 where user_id = $1", from, to)
        .execute(&mut *transaction)
        .await?;
    let boards = sqlx::query!("update boards set user_id = $2 where user_id = $1", from, to)
        .execute(&mut *transaction)
        .await?;
    let workflows = sqlx::query!("update workflows set user_id = $2 where user_id = $1", from, to)
        .execute(&mut *transaction)
        .await?;
    let style_presets = sqlx::query!("update style_presets set user_id = $2 where user_id = $1", from, to)
        .execute(&mut *transaction)
        .await?;
    let system_prompts = sqlx::query!("update system_prompts set user_id = $2 where user_id = $1", from, to)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(Reassigned {
        images: images.rows_affected(),
        boards: boards.rows_affected(),
        workflows: workflows.rows_affected(),
        style_presets: style_presets.rows_affected(),
        system_prompts: system_prompts.rows_affected(),
    })
}
