//! The `users` table: accounts.
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::account::SYSTEM_USER_ID;
use sqlx::{PgConnection, PgPool};

/// One account. The password hash stays inside the store, see [`password_hash`].
#[derive(Debug, Clone)]
pub struct Account {
    /// The account's id: a UUID, or `system`.
    pub user_id: String,
    /// The address, as it was typed at creation; compared without case.
    pub email: String,
    /// The name that people see.
    pub display_name: Option<String>,
    /// Whether it is an administrator.
    pub is_admin: bool,
    /// Whether it may sign in.
    pub is_active: bool,
    /// Tokens of other epochs are void.
    pub token_epoch: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When somebody last signed in with it.
    pub last_login_at: Option<DateTime<Utc>>,
}

/// What a new account is made of.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// The address.
    pub email: &'a str,
    /// The name that people see.
    pub display_name: Option<&'a str>,
    /// argon2id, PHC form.
    pub password_hash: &'a str,
    /// Whether it is an administrator.
    pub is_admin: bool,
}

/// Changes of an account; `None` leaves a field as it is.
#[derive(Debug, Default)]
pub struct AccountChanges<'a> {
    /// The name that people see.
    pub display_name: Option<&'a str>,
    /// A new password's hash; ends every session.
    pub password_hash: Option<&'a str>,
    /// Whether it is an administrator.
    pub is_admin: Option<bool>,
    /// Whether it may sign in; `false` ends every session.
    pub is_active: Option<bool>,
}

/// The text of a refusal to remove the last administrator.
pub const LAST_ADMINISTRATOR: &str = "Cannot remove the last administrator";

/// The account with this id.
pub async fn by_id(pool: &PgPool, user_id: &str) -> Result<Option<Account>> {
    Ok(by_ids(pool, &[user_id.to_owned()]).await?.pop())
}

/// Those of these accounts that exist.
pub async fn by_ids(pool: &PgPool, user_ids: &[String]) -> Result<Vec<Account>> {
    Ok(sqlx::query_as!(
        Account,
        "select user_id, email, display_name, is_admin, is_active, token_epoch, created_at, updated_at, last_login_at
         from users where user_id = any($1)",
        user_ids
    )
    .fetch_all(pool)
    .await?)
}

/// The account with this address, whatever its case.
pub async fn by_email(pool: &PgPool, email: &str) -> Result<Option<Account>> {
    Ok(sqlx::query_as!(
        Account,
        "select user_id, email, display_name, is_admin, is_active, token_epoch, created_at, updated_at, last_login_at
         from users where lower(email) = lower($1)",
        email
    )
    .fetch_optional(pool)
    .await?)
}

/// The password hash of an account, if it has one.
pub async fn password_hash(pool: &PgPool, user_id: &str) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select password_hash from users where user_id = $1", user_id)
        .fetch_optional(pool)
        .await?
        .flatten())
}

/// Every account but the internal one, oldest first.
pub async fn list(pool: &PgPool) -> Result<Vec<Account>> {
    Ok(sqlx::query_as!(
        Account,
        "select user_id, email, display_name, is_admin, is_active, token_epoch, created_at, updated_at, last_login_at
         from users where user_id <> $1 order by created_at",
        SYSTEM_USER_ID
    )
    .fetch_all(pool)
    .await?)
}

/// Whether an active administrator exists (the internal account does not count).
pub async fn has_administrator(pool: &PgPool) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists(select 1 from users where is_admin and is_active and user_id <> $1) as "exists!""#,
        SYSTEM_USER_ID
    )
    .fetch_one(pool)
    .await?)
}

/// Makes an account.
///
/// # Errors
/// [`Error::Conflict`] when the address is taken.
pub async fn create(pool: &PgPool, new: &NewAccount<'_>) -> Result<Account> {
    let mut connection = pool.acquire().await?;
    insert(&mut connection, new).await
}

/// Makes the first administrator; refused when there is one.
///
/// # Errors
/// [`Error::Conflict`] when an administrator exists or the address is taken.
pub async fn create_first_administrator(pool: &PgPool, new: &NewAccount<'_>) -> Result<Account> {
    let mut transaction = pool.begin().await?;
    lock_administrators(&mut transaction).await?;
    let taken = sqlx::query_scalar!(
        r#"select exists(select 1 from users where is_admin and is_active and user_id <> $1) as "exists!""#,
        SYSTEM_USER_ID
    )
    .fetch_one(&mut *transaction)
    .await?;
    if taken {
        return Err(Error::Conflict("Administrator account already configured".into()));
    }
    let account = insert(&mut transaction, new).await?;
    transaction.commit().await?;
    Ok(account)
}

async fn insert(connection: &mut PgConnection, new: &NewAccount<'_>) -> Result<Account> {
    let inserted = sqlx::query_as!(
        Account,
        "insert into users (user_id, email, display_name, password_hash, is_admin) values ($1, $2, $3, $4, $5)
         on conflict do nothing
         returning user_id, email, display_name, is_admin, is_active, token_epoch, created_at, updated_at, last_login_at",
        uuid::Uuid::new_v4().to_string(),
        new.email,
        new.display_name,
        new.password_hash,
        new.is_admin
    )
    .fetch_optional(connection)
    .await?;
    inserted.ok_or_else(|| Error::Conflict(format!("User with email {} already exists", new.email)))
}

/// Changes of administrators wait for each other, so that two of them cannot remove each other.
async fn lock_administrators(connection: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('administrators'))").execute(connection).await?;
    Ok(())
}

async fn others_administer(connection: &mut PgConnection, user_id: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists(select 1 from users where is_admin and is_active and user_id not in ($1, $2)) as "exists!""#,
        user_id,
        SYSTEM_USER_ID
    )
    .fetch_one(connection)
    .await?)
}

/// Changes an account.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when it would leave no active administrator.
pub async fn update(pool: &PgPool, user_id: &str, changes: &AccountChanges<'_>) -> Result<Account> {
    let mut transaction = pool.begin().await?;
    lock_administrators(&mut transaction).await?;
    let account = by_id(pool, user_id).await?.ok_or(Error::NotFound)?;
    let stays =
        changes.is_admin.unwrap_or(account.is_admin) && changes.is_active.unwrap_or(account.is_active);
    let leaves = account.is_admin && account.is_active && !stays;
    if leaves && !others_administer(&mut transaction, user_id).await? {
        return Err(Error::Conflict(LAST_ADMINISTRATOR.into()));
    }
    // Rights are read anew with every request, so a change of them ends no session.
    let ends_sessions = changes.password_hash.is_some() || changes.is_active == Some(false);
    let updated = sqlx::query_as!(
        Account,
        "update users set display_name = coalesce($2, display_name), password_hash = coalesce($3, password_hash),
           is_admin = coalesce($4, is_admin), is_active = coalesce($5, is_active),
           token_epoch = token_epoch + case when $6 then 1 else 0 end, updated_at = clock_timestamp()
         where user_id = $1
         returning user_id, email, display_name, is_admin, is_active, token_epoch, created_at, updated_at, last_login_at",
        user_id,
        changes.display_name,
        changes.password_hash,
        changes.is_admin,
        changes.is_active,
        ends_sessions
    )
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(updated)
}

/// Removes an account.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for the last active administrator.
pub async fn delete(pool: &PgPool, user_id: &str) -> Result<()> {
    let mut transaction = pool.begin().await?;
    lock_administrators(&mut transaction).await?;
    let account = by_id(pool, user_id).await?.ok_or(Error::NotFound)?;
    if account.is_admin && account.is_active && !others_administer(&mut transaction, user_id).await? {
        return Err(Error::Conflict(LAST_ADMINISTRATOR.into()));
    }
    sqlx::query!("delete from users where user_id = $1", user_id).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Notes that somebody signed in now.
pub async fn note_login(pool: &PgPool, user_id: &str) -> Result<()> {
    sqlx::query!("update users set last_login_at = clock_timestamp() where user_id = $1", user_id)
        .execute(pool)
        .await?;
    Ok(())
}
