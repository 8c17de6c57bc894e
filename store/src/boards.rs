//! Boards: named groups of images.
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

/// Who else sees a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "BoardVisibility")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Visibility {
    /// Only its owner.
    Private,
    /// Everyone may look.
    Shared,
    /// Everyone may look, add and change.
    Public,
}

/// A board with the counts and the cover that listings show.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct Board {
    pub board_id: String,
    pub board_name: String,
    pub user_id: String,
    pub archived: bool,
    pub board_visibility: Visibility,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
    pub cover_image_name: Option<String>,
    pub image_count: i64,
    pub asset_count: i64,
    /// For administrators' listings: the owner's display name, else address.
    pub owner_username: Option<String>,
}

/// Changes to a board; absent fields stay.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct BoardChanges {
    pub board_name: Option<String>,
    pub cover_image_name: Option<String>,
    pub archived: Option<bool>,
    pub board_visibility: Option<Visibility>,
}

/// What the asker wants to do with a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// See it and what is on it.
    Read,
    /// Put images on it or take them off.
    Contribute,
    /// Rename, share or delete it.
    Manage,
}

/// Which boards to list, in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Listing {
    /// By name instead of by time of creation.
    pub by_name: bool,
    /// A to Z, oldest first.
    pub ascending: bool,
    /// Archived ones too.
    pub include_archived: bool,
    /// How many to leave out.
    pub offset: i64,
    /// How many at most; all if absent.
    pub limit: Option<i64>,
}

impl Board {
    fn allows(&self, user: &CurrentUser, access: Access) -> bool {
        user.may_manage(&self.user_id)
            || match access {
                Access::Read => self.board_visibility != Visibility::Private,
                Access::Contribute => self.board_visibility == Visibility::Public,
                Access::Manage => false,
            }
    }
}

/// Creates an empty private board.
pub async fn create(pool: &PgPool, user: &CurrentUser, name: &str) -> Result<Board> {
    let board_id = uuid::Uuid::new_v4().to_string();
    sqlx::query!(
        "insert into boards (board_id, board_name, user_id) values ($1, $2, $3)",
        board_id,
        name,
        user.user_id
    )
    .execute(pool)
    .await?;
    get(pool, user, &board_id, Access::Manage).await
}

/// A board that `user` has `access` to. `NotFound` when it does not exist, `Forbidden` when it is not theirs.
pub async fn get(pool: &PgPool, user: &CurrentUser, board_id: &str, access: Access) -> Result<Board> {
    let listing = Listing { by_name: false, ascending: true, include_archived: true, offset: 0, limit: None };
    let everything = CurrentUser { user_id: user.user_id.clone(), is_admin: true };
    let mut board = select(pool, &everything, listing, Some(board_id)).await?.pop().ok_or(Error::NotFound)?;
    board.owner_username = None;
    if board.allows(user, access) { Ok(board) } else { Err(Error::Forbidden) }
}

/// The boards that the asker sees: their own and shared ones; an administrator sees all.
pub async fn list(pool: &PgPool, user: &CurrentUser, listing: Listing) -> Result<Vec<Board>> {
    select(pool, user, listing, None).await
}

async fn select(
    pool: &PgPool,
    user: &CurrentUser,
    listing: Listing,
    only: Option<&str>,
) -> Result<Vec<Board>> {
    Ok(sqlx::query_as!(
        Board,
        r#"select boards.board_id, boards.board_name, boards.user_id, boards.archived,
            boards.board_visibility as "board_visibility: Visibility",
            boards.created_at, boards.updated_at, boards.deleted_at,
            coalesce(boards.cover_image_name, (select image_name from images
                where images.board_id = boards.board_id and not is_intermediate
                order by starred desc, created_at desc limit 1)) as cover_image_name,
            contents.image_count as "image_count!", contents.asset_count as "asset_count!",
            (select coalesce(display_name, email) from users where $1 and users.user_id = boards.user_id)
                as owner_username
        from boards cross join lateral (
            select count(*) filter (where image_category = 'general') as image_count,
                count(*) filter (where image_category <> 'general') as asset_count
            from images where images.board_id = boards.board_id and not is_intermediate) as contents
        where ($1 or boards.user_id = $2 or boards.board_visibility in ('shared', 'public'))
            and ($3 or not boards.archived) and ($4::text is null or boards.board_id = $4)
        order by case when $5 and $6 then lower(boards.board_name) end asc,
            case when $5 and not $6 then lower(boards.board_name) end desc,
            case when $6 then boards.created_at end asc, boards.created_at desc
        limit $7 offset $8"#,
        user.is_admin,
        user.user_id,
        listing.include_archived,
        only,
        listing.by_name,
        listing.ascending,
        listing.limit,
        listing.offset,
    )
    .fetch_all(pool)
    .await?)
}

/// Changes a board and returns it.
pub async fn update(
    pool: &PgPool,
    user: &CurrentUser,
    board_id: &str,
    changes: &BoardChanges,
) -> Result<Board> {
    get(pool, user, board_id, Access::Manage).await?;
    sqlx::query!(
        "update boards set board_name = coalesce($2, board_name), cover_image_name = coalesce($3, cover_image_name), \
         archived = coalesce($4, archived), board_visibility = coalesce($5, board_visibility), \
         updated_at = clock_timestamp() where board_id = $1",
        board_id,
        changes.board_name,
        changes.cover_image_name,
        changes.archived,
        changes.board_visibility as Option<Visibility>,
    )
    .execute(pool)
    .await?;
    get(pool, user, board_id, Access::Manage).await
}

/// What a board's deletion did.
#[derive(Debug, Default)]
pub struct Deletion {
    /// Images that were on it and are uncategorized now.
    pub released: Vec<String>,
    /// Images that were deleted with it; the caller deletes the files.
    pub deleted: Vec<String>,
}

/// Deletes a board; with its images if asked (an owner deletes their own images, an administrator all).
pub async fn delete(
    pool: &PgPool,
    user: &CurrentUser,
    board_id: &str,
    include_images: bool,
) -> Result<Deletion> {
    get(pool, user, board_id, Access::Manage).await?;
    let mut transaction = pool.begin().await?;
    let mut deletion = Deletion::default();
    if include_images {
        deletion.deleted = sqlx::query_scalar!(
            "delete from images where board_id = $1 and ($2 or user_id = $3) returning image_name",
            board_id,
            user.is_admin,
            user.user_id,
        )
        .fetch_all(&mut *transaction)
        .await?;
    } else {
        deletion.released =
            sqlx::query_scalar!("select image_name from images where board_id = $1", board_id)
                .fetch_all(&mut *transaction)
                .await?;
    }
    sqlx::query!("delete from boards where board_id = $1", board_id).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(deletion)
}
