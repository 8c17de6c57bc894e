//! The workflow library: private to each owner unless shared.
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::account::CurrentUser;
use sqlx::{PgPool, Postgres, QueryBuilder};

/// A workflow's row without its content.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are upstream's, described in its contract")]
pub struct Workflow {
    pub workflow_id: String,
    pub user_id: String,
    pub name: String,
    pub description: String,
    pub category: String,
    pub tags: String,
    pub is_public: bool,
    pub has_thumbnail: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub opened_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "workflow_id, user_id, name, description, category, tags, is_public, has_thumbnail, \
    created_at, updated_at, opened_at";

/// What is read out of a workflow's JSON, and the JSON itself as text.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct Content {
    pub name: String,
    pub description: String,
    pub category: String,
    pub tags: String,
    pub workflow: String,
}

/// Which workflows to list or count.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are upstream's, described in its contract")]
pub struct Filter {
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    pub query: Option<String>,
    pub has_been_opened: Option<bool>,
    pub is_public: Option<bool>,
}

/// What workflows are ordered by.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the variants are columns")]
pub enum OrderBy {
    CreatedAt,
    UpdatedAt,
    OpenedAt,
    #[default]
    Name,
    IsPublic,
}

/// A part of the library.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The column.
    pub order_by: OrderBy,
    /// Largest first.
    pub descending: bool,
    /// Counted from 0.
    pub page: i64,
    /// All on one page if absent.
    pub per_page: Option<i64>,
}

impl Workflow {
    fn visible_to(&self, user: &CurrentUser) -> bool {
        user.may_manage(&self.user_id) || self.is_public || self.category == "default"
    }
}

/// Adds a workflow. `with_id` is called with the new id and gives the JSON to store.
pub async fn insert(
    pool: &PgPool,
    user: &CurrentUser,
    is_public: bool,
    with_id: impl FnOnce(&str) -> Content,
) -> Result<Workflow> {
    let id = uuid::Uuid::new_v4().to_string();
    let content = with_id(&id);
    sqlx::query!(
        "insert into workflows (workflow_id, user_id, name, description, category, tags, workflow, is_public) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        user.user_id,
        content.name,
        content.description,
        content.category,
        content.tags,
        content.workflow,
        is_public,
    )
    .execute(pool)
    .await?;
    get(pool, user, &id).await
}

/// A workflow that the asker may see, without its content.
pub async fn get(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<Workflow> {
    let workflow: Workflow = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from workflows where workflow_id = $1"
    )))
    .bind(id)
    .fetch_optional(pool)
    .await?
    .ok_or(Error::NotFound)?;
    if workflow.visible_to(user) { Ok(workflow) } else { Err(Error::Forbidden) }
}

/// A workflow that the asker may change: their own, and for an administrator anybody's, but no default.
pub async fn get_own(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<Workflow> {
    let workflow = get(pool, user, id).await?;
    let changeable = user.may_manage(&workflow.user_id) && workflow.category == "user";
    if changeable { Ok(workflow) } else { Err(Error::Forbidden) }
}

/// The JSON of a workflow that the asker may see.
pub async fn content(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<String> {
    get(pool, user, id).await?;
    sqlx::query_scalar!("select workflow from workflows where workflow_id = $1", id)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound)
}

/// Replaces a workflow's content.
pub async fn update(pool: &PgPool, user: &CurrentUser, id: &str, content: &Content) -> Result<Workflow> {
    get_own(pool, user, id).await?;
    sqlx::query!(
        "update workflows set name = $2, description = $3, category = $4, tags = $5, workflow = $6, \
         updated_at = clock_timestamp() where workflow_id = $1 and category = 'user'",
        id,
        content.name,
        content.description,
        content.category,
        content.tags,
        content.workflow,
    )
    .execute(pool)
    .await?;
    get(pool, user, id).await
}

/// The tag that upstream gives to what is shared.
const SHARED: &str = "shared";

/// Shares a workflow or makes it private; the tag `shared` comes and goes with it.
pub async fn set_public(pool: &PgPool, user: &CurrentUser, id: &str, is_public: bool) -> Result<Workflow> {
    get_own(pool, user, id).await?;
    let mut transaction = pool.begin().await?;
    let row = sqlx::query!("select tags, workflow from workflows where workflow_id = $1 for update", id)
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(Error::NotFound)?;
    let tags = row.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty() && *tag != SHARED);
    let tags = tags.chain(is_public.then_some(SHARED)).collect::<Vec<_>>().join(", ");
    sqlx::query!(
        "update workflows set is_public = $2, tags = $3, workflow = $4, updated_at = clock_timestamp() \
         where workflow_id = $1",
        id,
        is_public,
        tags,
        with_tags(row.workflow, &tags),
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    get(pool, user, id).await
}

/// A workflow's JSON with other tags, its keys in their order.
fn with_tags(workflow: String, tags: &str) -> String {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&workflow) {
        Ok(mut fields) => {
            fields.insert("tags".to_owned(), tags.into());
            serde_json::Value::Object(fields).to_string()
        }
        Err(_) => workflow,
    }
}

/// Notes that a workflow has a thumbnail file, or has none.
pub async fn set_thumbnail(pool: &PgPool, user: &CurrentUser, id: &str, has_thumbnail: bool) -> Result<()> {
    get_own(pool, user, id).await?;
    sqlx::query!(
        "update workflows set has_thumbnail = $2, updated_at = clock_timestamp() where workflow_id = $1",
        id,
        has_thumbnail
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes that its owner opened a workflow; for a default, that an administrator did.
pub async fn touch(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<()> {
    if !user.may_manage(&get(pool, user, id).await?.user_id) {
        return Err(Error::Forbidden);
    }
    sqlx::query!("update workflows set opened_at = clock_timestamp() where workflow_id = $1", id)
        .execute(pool)
        .await?;
    Ok(())
}

/// Deletes a workflow.
pub async fn delete(pool: &PgPool, user: &CurrentUser, id: &str) -> Result<()> {
    get_own(pool, user, id).await?;
    sqlx::query!("delete from workflows where workflow_id = $1 and category = 'user'", id)
        .execute(pool)
        .await?;
    Ok(())
}

/// Makes the default workflows these, given by id and content: changed ones are replaced, others removed. When they
/// were opened stays.
pub async fn replace_defaults(pool: &PgPool, defaults: &[(String, Content)]) -> Result<()> {
    let mut transaction = pool.begin().await?;
    // One after the other: several servers start at once.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('default workflows'))")
        .execute(&mut *transaction)
        .await?;
    for (id, content) in defaults {
        sqlx::query!(
            "insert into workflows (workflow_id, user_id, name, description, category, tags, workflow) \
             values ($1, 'system', $2, $3, 'default', $4, $5) \
             on conflict (workflow_id) do update set name = excluded.name, description = excluded.description, \
             tags = excluded.tags, workflow = excluded.workflow, updated_at = clock_timestamp() \
             where workflows.workflow <> excluded.workflow",
            id,
            content.name,
            content.description,
            content.tags,
            content.workflow,
        )
        .execute(&mut *transaction)
        .await?;
    }
    let ids: Vec<String> = defaults.iter().map(|(id, _)| id.clone()).collect();
    sqlx::query!("delete from workflows where category = 'default' and workflow_id <> all($1)", &ids)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}

fn push_filter(query: &mut QueryBuilder<Postgres>, user: &CurrentUser, filter: &Filter) {
    query.push(" where true");
    if !user.is_admin {
        query.push(" and (user_id = ").push_bind(user.user_id.clone());
        query.push(" or category = 'default'");
        query.push(if filter.is_public == Some(true) { " or is_public)" } else { ")" });
    }
    if !filter.categories.is_empty() {
        query.push(" and category = any(").push_bind(filter.categories.clone()).push(")");
    }
    if !filter.tags.is_empty() {
        let patterns: Vec<String> = filter.tags.iter().map(|tag| format!("%{}%", tag.trim())).collect();
        query.push(" and tags ilike any(").push_bind(patterns).push(")");
    }
    match filter.has_been_opened {
        Some(true) => query.push(" and opened_at is not null"),
        Some(false) => query.push(" and opened_at is null"),
        None => query,
    };
    if let Some(is_public) = filter.is_public {
        query.push(" and is_public = ").push_bind(is_public);
    }
    if let Some(text) = filter.query.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let pattern = format!("%{text}%");
        query.push(" and (name ilike ").push_bind(pattern.clone());
        query.push(" or description ilike ").push_bind(pattern.clone());
        query.push(" or tags ilike ").push_bind(pattern).push(")");
    }
}

/// A page of the library and how many workflows match in all.
pub async fn list(
    pool: &PgPool,
    user: &CurrentUser,
    filter: &Filter,
    page: Page,
) -> Result<(Vec<Workflow>, i64)> {
    let total = count(pool, user, filter).await?;
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from workflows"));
    push_filter(&mut query, user, filter);
    query.push(match page.order_by {
        OrderBy::CreatedAt => " order by created_at",
        OrderBy::UpdatedAt => " order by updated_at",
        OrderBy::OpenedAt => " order by opened_at",
        OrderBy::Name => " order by lower(name)",
        OrderBy::IsPublic => " order by is_public",
    });
    query.push(if page.descending {
        " desc nulls last, workflow_id"
    } else {
        " asc nulls first, workflow_id"
    });
    if let Some(per_page) = page.per_page {
        query
            .push(" limit ")
            .push_bind(per_page)
            .push(" offset ")
            .push_bind(per_page.saturating_mul(page.page));
    }
    Ok((query.build_query_as().fetch_all(pool).await?, total))
}

/// How many workflows match.
pub async fn count(pool: &PgPool, user: &CurrentUser, filter: &Filter) -> Result<i64> {
    let mut query = QueryBuilder::new("select count(*) from workflows");
    push_filter(&mut query, user, filter);
    Ok(query.build_query_scalar().fetch_one(pool).await?)
}

/// Every tag of the matching workflows, sorted.
pub async fn tags(pool: &PgPool, user: &CurrentUser, filter: &Filter) -> Result<Vec<String>> {
    let mut query = QueryBuilder::new("select distinct tags from workflows");
    push_filter(&mut query, user, filter);
    let lists: Vec<String> = query.build_query_scalar().fetch_all(pool).await?;
    let tags: std::collections::BTreeSet<String> = lists
        .iter()
        .flat_map(|list| list.split(','))
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| !tag.is_empty())
        .collect();
    Ok(tags.into_iter().collect())
}
