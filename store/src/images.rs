//! Images: the rows; their bytes are in [`crate::files`].
use crate::{Error, Result, boards::Visibility, queue::ClaimedItem};
use chrono::{DateTime, Utc};
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::{PgExecutor, PgPool};
use std::collections::HashMap;

/// What an image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum ImageCategory {
    /// A generated picture.
    General,
    /// A mask.
    Mask,
    /// A control image.
    Control,
    /// A user's upload.
    User,
    /// Anything else.
    Other,
}

impl ImageCategory {
    /// The name on the wire and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Mask => "mask",
            Self::Control => "control",
            Self::User => "user",
            Self::Other => "other",
        }
    }
}

/// Where an image comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[schemars(rename = "ResourceOrigin")]
pub enum ImageOrigin {
    /// Made here.
    Internal,
    /// Uploaded.
    External,
}

/// An image to record. JSON fields are text, as the client or node gave it.
#[derive(Debug, Clone)]
pub struct NewImage {
    /// `<uuid>.png`, unique.
    pub image_name: String,
    /// The owner.
    pub user_id: String,
    /// The session that made it.
    pub session_id: Option<String>,
    /// The node that made it.
    pub node_id: Option<String>,
    /// What it is for.
    pub category: ImageCategory,
    /// Where it comes from.
    pub origin: ImageOrigin,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// Intermediates are not shown in the gallery.
    pub is_intermediate: bool,
    /// Generation metadata, a JSON object as text.
    pub metadata: Option<String>,
    /// The editor's workflow, JSON as text.
    pub workflow: Option<String>,
    /// The graph, JSON as text.
    pub graph: Option<String>,
    /// The board to put it on; ignored when that board no longer exists.
    pub board_id: Option<String>,
}

/// An image's row.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are upstream's, described in its contract")]
pub struct Image {
    pub image_name: String,
    pub image_origin: ImageOrigin,
    pub image_category: ImageCategory,
    pub width: i32,
    pub height: i32,
    pub session_id: Option<String>,
    pub node_id: Option<String>,
    pub has_workflow: bool,
    pub is_intermediate: bool,
    pub starred: bool,
    pub user_id: String,
    pub board_id: Option<String>,
    pub image_subfolder: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// The columns of [`Image`], for the queries built at run time.
pub(crate) const COLUMNS: &str = "images.image_name, images.image_origin, images.image_category, images.width, \
    images.height, images.session_id, images.node_id, images.has_workflow, images.is_intermediate, images.starred, \
    images.user_id, images.board_id, images.image_subfolder, images.created_at, images.updated_at, images.deleted_at";

/// Changes to an image; absent fields stay.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct ImageChanges {
    pub image_category: Option<ImageCategory>,
    pub session_id: Option<String>,
    pub is_intermediate: Option<bool>,
    pub starred: Option<bool>,
}

/// What the asker wants to do with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// See it: its owner, and readers of a shared or public board that it is on.
    Read,
    /// Change or delete it: its owner, the owner of its board, anyone when that board is public.
    Manage,
    /// Move it: its owner only, so that a board's owner cannot gain rights by moving.
    Move,
}

/// Whether `user` has `access` to an image of `owner` on a board of (owner, visibility).
fn may(user: &CurrentUser, access: Access, owner: &str, board: Option<(&str, Visibility)>) -> bool {
    if user.may_manage(owner) {
        return true;
    }
    match (access, board) {
        (Access::Move, _) | (_, None) => false,
        (Access::Read, Some((_, visibility))) => visibility != Visibility::Private,
        (Access::Manage, Some((board_owner, visibility))) => {
            board_owner == user.user_id || visibility == Visibility::Public
        }
    }
}

/// Records an image whose files are stored; one statement, so it fits any transaction.
pub async fn record(executor: impl PgExecutor<'_>, image: &NewImage) -> Result<()> {
    sqlx::query!(
        r#"with image as (
            insert into images (image_name, image_origin, image_category, width, height, session_id, node_id,
                metadata, has_workflow, is_intermediate, user_id, board_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text is not null or $10::text is not null, $11, $12,
                (select board_id from boards where board_id = $13 for key share))
            returning image_name, has_workflow)
        insert into image_sources (image_name, workflow, graph)
        select image_name, $9, $10 from image where has_workflow"#,
        image.image_name,
        image.origin as ImageOrigin,
        image.category as ImageCategory,
        image.width,
        image.height,
        image.session_id,
        image.node_id,
        image.metadata,
        image.workflow,
        image.graph,
        image.is_intermediate,
        image.user_id,
        image.board_id,
    )
    .execute(executor)
    .await?;
    Ok(())
}

/// Records an image that a worker made of an item, unless the item was canceled or is no longer the worker's.
///
/// # Errors
/// [`Error::LeaseLost`].
pub async fn record_for(pool: &PgPool, item: &ClaimedItem, image: &NewImage) -> Result<()> {
    let mut transaction = pool.begin().await?;
    sqlx::query!(
        "select item_id from queue_items where item_id = $1 and fence = $2 and status = 'in_progress' for share",
        item.item_id,
        item.fence
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or(Error::LeaseLost)?;
    record(&mut *transaction, image).await?;
    Ok(transaction.commit().await?)
}

/// Deletes what an earlier attempt at a running item made, as far as nobody put a star on it. Returns the names.
pub async fn delete_of_session(pool: &PgPool, item: &ClaimedItem) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "delete from images where session_id = $1 and user_id = $2 and image_origin = 'internal' and not starred
        returning image_name",
        item.session_id,
        item.user_id,
    )
    .fetch_all(pool)
    .await?)
}

/// An image that `user` has `access` to. `NotFound` when it does not exist, `Forbidden` when it is not theirs.
pub async fn get(pool: &PgPool, user: &CurrentUser, name: &str, access: Access) -> Result<Image> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        image: Image,
        board_owner: Option<String>,
        board_visibility: Option<Visibility>,
    }
    let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS}, boards.user_id as board_owner, boards.board_visibility \
         from images left join boards using (board_id) where image_name = $1"
    )))
    .bind(name)
    .fetch_optional(pool)
    .await?
    .ok_or(Error::NotFound)?;
    let board = row.board_owner.as_deref().zip(row.board_visibility);
    if may(user, access, &row.image.user_id, board) { Ok(row.image) } else { Err(Error::Forbidden) }
}

/// The metadata of an image, JSON as text.
pub async fn metadata(pool: &PgPool, user: &CurrentUser, name: &str) -> Result<Option<String>> {
    get(pool, user, name, Access::Read).await?;
    sqlx::query_scalar!("select metadata from images where image_name = $1", name)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)
}

/// The workflow and graph of an image, JSON as text.
pub async fn sources(
    pool: &PgPool,
    user: &CurrentUser,
    name: &str,
) -> Result<(Option<String>, Option<String>)> {
    get(pool, user, name, Access::Read).await?;
    let row = sqlx::query!("select workflow, graph from image_sources where image_name = $1", name)
        .fetch_optional(pool)
        .await?;
    Ok(row.map(|row| (row.workflow, row.graph)).unwrap_or_default())
}

/// How an image is filed in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Its category, by upstream's name.
    pub category: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// How those of the images that exist are filed, by name. The caller has checked that they may be read.
pub async fn filings(pool: &PgPool, names: &[String]) -> Result<HashMap<String, Filing>> {
    let rows = sqlx::query!(
        "select image_name, image_category, created_at from images where image_name = any($1)",
        names
    )
    .fetch_all(pool)
    .await?;
    let filing = |category, created_at| Filing { category, created_at };
    Ok(rows.into_iter().map(|row| (row.image_name, filing(row.image_category, row.created_at))).collect())
}

/// Changes an image and returns it.
pub async fn update(pool: &PgPool, user: &CurrentUser, name: &str, changes: &ImageChanges) -> Result<Image> {
    get(pool, user, name, Access::Manage).await?;
    sqlx::query!(
        "update images set image_category = coalesce($2, image_category), session_id = coalesce($3, session_id), \
         is_intermediate = coalesce($4, is_intermediate), starred = coalesce($5, starred), \
         updated_at = clock_timestamp() where image_name = $1",
        name,
        changes.image_category as Option<ImageCategory>,
        changes.session_id,
        changes.is_intermediate,
        changes.starred,
    )
    .execute(pool)
    .await?;
    get(pool, user, name, Access::Manage).await
}

/// Deletes the row of an image and returns it; the caller deletes the files.
pub async fn delete(pool: &PgPool, user: &CurrentUser, name: &str) -> Result<Image> {
    let image = get(pool, user, name, Access::Manage).await?;
    let gone = sqlx::query!("delete from images where image_name = $1", name).execute(pool).await?;
    if gone.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(image) }
}

/// How many intermediates the asker owns; an administrator counts everyone's.
pub async fn intermediates(pool: &PgPool, user: &CurrentUser) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from images where is_intermediate and ($1 or user_id = $2)"#,
        user.is_admin,
        user.user_id,
    )
    .fetch_one(pool)
    .await?)
}

/// Deletes every intermediate (administrators only) and returns their names.
pub async fn delete_intermediates(pool: &PgPool, user: &CurrentUser) -> Result<Vec<String>> {
    if !user.is_admin {
        return Err(Error::Forbidden);
    }
    Ok(sqlx::query_scalar!("delete from images where is_intermediate returning image_name")
        .fetch_all(pool)
        .await?)
}

/// Puts an image on a board (`None`: on none) and returns the board it was on.
/// The caller has checked that the asker may write to the board.
pub async fn set_board(
    pool: &PgPool,
    user: &CurrentUser,
    name: &str,
    board_id: Option<&str>,
    access: Access,
) -> Result<Option<String>> {
    let image = get(pool, user, name, access).await?;
    let moved = sqlx::query!(
        "update images set board_id = $2, updated_at = clock_timestamp() \
         where image_name = $1 and board_id is not distinct from $3",
        name,
        board_id,
        image.board_id,
    )
    .execute(pool)
    .await?;
    if moved.rows_affected() == 0 {
        return Err(Error::Conflict("the image was moved by someone else".to_owned()));
    }
    Ok(image.board_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_board_lends_its_rights_but_never_the_right_to_move() {
        let user = CurrentUser { user_id: "me".to_owned(), is_admin: false };
        let public = Some(("them", Visibility::Public));
        let shared = Some(("them", Visibility::Shared));
        let mine = Some(("me", Visibility::Private));
        assert!(may(&user, Access::Move, "me", None));
        assert!(may(&user, Access::Manage, "them", public));
        assert!(!may(&user, Access::Manage, "them", shared));
        assert!(may(&user, Access::Read, "them", shared));
        assert!(may(&user, Access::Manage, "them", mine));
        assert!(!may(&user, Access::Read, "them", Some(("them", Visibility::Private))));
        assert!(!may(&user, Access::Move, "them", public));
        assert!(!may(&user, Access::Read, "them", None));
    }
}
