//! The gallery: filtered, ordered lists of images, and their groups by day.
use crate::{
    Result,
    images::{COLUMNS, Image, ImageCategory, ImageOrigin},
};
use domain::account::CurrentUser;
use sqlx::{PgPool, Postgres, QueryBuilder};

/// Which images to list. The caller has checked that the asker may read `board_id`.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Made here or uploaded.
    pub origin: Option<ImageOrigin>,
    /// Any of these; an empty list matches nothing.
    pub categories: Option<Vec<ImageCategory>>,
    /// Intermediate or not.
    pub is_intermediate: Option<bool>,
    /// A board; `none` for images on no board.
    pub board_id: Option<String>,
    /// Created on this day, `YYYY-MM-DD` in UTC.
    pub created_date: Option<String>,
    /// Part of the metadata or the creation time.
    pub search_term: Option<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// Starred images first.
    pub starred_first: bool,
    /// Oldest first.
    pub ascending: bool,
}

/// One day of a user's gallery.
#[derive(Debug, Clone)]
pub struct Day {
    /// `YYYY-MM-DD` in UTC.
    pub date: String,
    /// Generated images.
    pub image_count: i64,
    /// Everything else.
    pub asset_count: i64,
    /// The day's newest image.
    pub cover_image_name: Option<String>,
}

const CREATED_TEXT: &str = "to_char(images.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')";

fn push_filter(query: &mut QueryBuilder<Postgres>, user: &CurrentUser, filter: &Filter) {
    query.push(" where true");
    if let Some(origin) = filter.origin {
        query.push(" and images.image_origin = ").push_bind(origin);
    }
    if let Some(categories) = &filter.categories {
        let names: Vec<String> = categories.iter().map(|category| category.name().to_owned()).collect();
        query.push(" and images.image_category = any(").push_bind(names).push(")");
    }
    if let Some(is_intermediate) = filter.is_intermediate {
        query.push(" and images.is_intermediate = ").push_bind(is_intermediate);
    }
    let own_only = match filter.board_id.as_deref() {
        Some("none") => {
            query.push(" and images.board_id is null");
            true
        }
        Some(board_id) => {
            query.push(" and images.board_id = ").push_bind(board_id.to_owned());
            false
        }
        None => true,
    };
    if own_only && !user.is_admin {
        query.push(" and images.user_id = ").push_bind(user.user_id.clone());
    }
    if let Some(date) = &filter.created_date {
        query
            .push(" and to_char(images.created_at at time zone 'UTC', 'YYYY-MM-DD') = ")
            .push_bind(date.clone());
    }
    if let Some(term) = filter.search_term.as_deref().filter(|term| !term.is_empty()) {
        let pattern = format!("%{term}%");
        query.push(" and (images.metadata ilike ").push_bind(pattern.clone());
        query.push(" or ").push(CREATED_TEXT).push(" ilike ").push_bind(pattern).push(")");
    }
}

fn push_order(query: &mut QueryBuilder<Postgres>, order: Order) {
    query.push(if order.starred_first { " order by images.starred desc, " } else { " order by " });
    query.push(if order.ascending {
        "images.created_at asc, images.image_name asc"
    } else {
        "images.created_at desc, images.image_name desc"
    });
}

/// A page of images and how many there are in all.
pub async fn page(
    pool: &PgPool,
    user: &CurrentUser,
    filter: &Filter,
    order: Order,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Image>, i64)> {
    let mut count = QueryBuilder::new("select count(*) from images");
    push_filter(&mut count, user, filter);
    let total: i64 = count.build_query_scalar().fetch_one(pool).await?;
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from images"));
    push_filter(&mut query, user, filter);
    push_order(&mut query, order);
    query.push(" limit ").push_bind(limit).push(" offset ").push_bind(offset);
    Ok((query.build_query_as().fetch_all(pool).await?, total))
}

/// The names of all images, in order, and how many of them are starred (0 unless starred come first).
pub async fn names(
    pool: &PgPool,
    user: &CurrentUser,
    filter: &Filter,
    order: Order,
) -> Result<(Vec<String>, i64)> {
    let mut query = QueryBuilder::new("select images.image_name, images.starred from images");
    push_filter(&mut query, user, filter);
    push_order(&mut query, order);
    let rows: Vec<(String, bool)> = query.build_query_as().fetch_all(pool).await?;
    let starred = rows.iter().filter(|(_, starred)| order.starred_first && *starred).count();
    Ok((rows.into_iter().map(|(name, _)| name).collect(), i64::try_from(starred).unwrap_or(i64::MAX)))
}

/// The days on which images were made, newest first.
pub async fn days(pool: &PgPool, user: &CurrentUser) -> Result<Vec<Day>> {
    Ok(sqlx::query_as!(
        Day,
        r#"select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as "date!",
            count(*) filter (where image_category = 'general') as "image_count!",
            count(*) filter (where image_category <> 'general') as "asset_count!",
            (array_agg(image_name order by created_at desc))[1] as cover_image_name
        from images where not is_intermediate and ($1 or user_id = $2) group by 1 order by 1 desc"#,
        user.is_admin,
        user.user_id,
    )
    .fetch_all(pool)
    .await?)
}
