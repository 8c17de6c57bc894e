//! What an open connection must know again and again about its account.
use crate::Result;
use sqlx::PgPool;

/// An account's access as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub user_id: String,
    /// Whether it is an administrator.
    pub is_admin: bool,
    /// Whether it may sign in.
    pub is_active: bool,
    /// Tokens of another epoch are void.
    pub token_epoch: i64,
}

/// The standing of those accounts that exist.
pub async fn of(pool: &PgPool, user_ids: &[String]) -> Result<Vec<Standing>> {
    Ok(sqlx::query_as!(
        Standing,
        "select user_id, is_admin, is_active, token_epoch from users where user_id = any($1)",
        user_ids
    )
    .fetch_all(pool)
    .await?)
}
