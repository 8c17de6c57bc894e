//! The workflow library.
use super::images::dto::moment;
use crate::{
    access::{Access, Endpoints},
    error::Error,
    notices,
    request::{Body, Pairs},
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::workflows::{self, Content, Filter, OrderBy, Page, Workflow};

mod thumbnails;

/// The routes of this resource.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/api/v1/workflows/", Access::User, list)
        .post("/api/v1/workflows/", Access::User, create)
        .get("/api/v1/workflows/tags", Access::User, tags)
        .get("/api/v1/workflows/counts_by_tag", Access::User, counts_by_tag)
        .get("/api/v1/workflows/counts_by_category", Access::User, counts_by_category)
        .get("/api/v1/workflows/i/{workflow_id}", Access::User, get)
        .patch("/api/v1/workflows/i/{workflow_id}", Access::User, update)
        .delete("/api/v1/workflows/i/{workflow_id}", Access::User, delete)
        .patch("/api/v1/workflows/i/{workflow_id}/is_public", Access::User, set_public)
        .put("/api/v1/workflows/i/{workflow_id}/opened_at", Access::User, touch)
        .merge(thumbnails::endpoints())
}

/// A workflow's JSON in a body.
#[derive(Debug, Deserialize, JsonSchema)]
struct Sent {
    workflow: Map<String, Value>,
}

fn refuse(verb: &str) -> impl Fn(store::Error) -> Error {
    move |error| match error {
        store::Error::NotFound => Error::not_found("Workflow not found"),
        store::Error::Forbidden => Error::forbidden(format!("Not authorized to {verb} this workflow")),
        other => other.into(),
    }
}

fn thumbnail_url(record: &Workflow) -> Option<String> {
    // The time makes browsers fetch a changed picture again.
    let changed = record.updated_at.timestamp_millis();
    record.has_thumbnail.then(|| format!("api/v1/workflows/i/{}/thumbnail?{changed}", record.workflow_id))
}

/// The fields that all forms of a record share.
fn record(record: &Workflow) -> Map<String, Value> {
    let fields = json!({
        "workflow_id": record.workflow_id, "name": record.name, "created_at": moment(record.created_at),
        "updated_at": moment(record.updated_at), "opened_at": record.opened_at.map(moment),
        "user_id": record.user_id, "is_public": record.is_public,
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

async fn with_content(
    state: &AppState,
    user: &CurrentUser,
    found: &Workflow,
) -> Result<Map<String, Value>, Error> {
    let text = workflows::content(&state.pool, user, &found.workflow_id).await.map_err(refuse("access"))?;
    let mut fields = record(found);
    fields.insert("workflow".to_owned(), serde_json::from_str(&text).map_err(Error::internal)?);
    Ok(fields)
}

/// Checks a workflow and reads its columns; its JSON keeps the order of its keys.
fn content(mut workflow: Map<String, Value>, id: &str) -> Result<Content, Error> {
    let text = |name: &str| {
        workflow
            .get(name)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
            .ok_or_else(|| Error::unprocessable(format!("workflow.{name} should be a string")))
    };
    let (name, description, tags) = (text("name")?, text("description")?, text("tags")?);
    for list in ["nodes", "edges", "exposedFields"] {
        if !workflow.get(list).is_some_and(Value::is_array) {
            return Err(Error::unprocessable(format!("workflow.{list} should be a list")));
        }
    }
    let category = workflow.get("meta").and_then(|meta| meta.get("category")).and_then(Value::as_str);
    if category != Some("user") {
        return Err(Error::unprocessable("workflow.meta.category should be 'user'"));
    }
    workflow.insert("id".to_owned(), id.into());
    let workflow = Value::Object(workflow).to_string();
    Ok(Content { name, description, category: "user".to_owned(), tags, workflow })
}

fn filter(pairs: &Pairs) -> Result<Filter, Error> {
    Ok(Filter {
        categories: pairs.list("categories"),
        tags: pairs.list("tags"),
        query: pairs.text("query").map(ToOwned::to_owned),
        has_been_opened: pairs.flag("has_been_opened")?,
        is_public: pairs.flag("is_public")?,
    })
}

async fn list(State(state): State<AppState>, User(user): User, pairs: Pairs) -> Result<Json<Value>, Error> {
    let order_by = match pairs.text("order_by") {
        None | Some("name") => OrderBy::Name,
        Some("created_at") => OrderBy::CreatedAt,
        Some("updated_at") => OrderBy::UpdatedAt,
        Some("opened_at") => OrderBy::OpenedAt,
        Some("is_public") => OrderBy::IsPublic,
        Some(other) => return Err(Error::unprocessable(format!("{other:?} is not a valid order_by"))),
    };
    let page = Page {
        order_by,
        descending: !pairs.ascending("direction", true)?,
        page: pairs.number("page", 0..=i64::MAX)?.unwrap_or(0),
        per_page: pairs.number("per_page", 0..=i64::MAX)?.filter(|&count| count > 0),
    };
    let (found, total) = workflows::list(&state.pool, &user, &filter(&pairs)?, page).await?;
    let items: Vec<Value> = found.iter().map(list_item).collect();
    let pages = page.per_page.map_or(1, |per_page| (total + per_page - 1) / per_page);
    Ok(Json(
        json!({"page": page.page, "pages": pages, "per_page": page.per_page.unwrap_or(total), "total": total,
        "items": items}),
    ))
}

fn list_item(found: &Workflow) -> Value {
    let mut fields = record(found);
    fields.insert("description".to_owned(), found.description.clone().into());
    fields.insert("category".to_owned(), found.category.clone().into());
    fields.insert("tags".to_owned(), found.tags.clone().into());
    fields.insert("thumbnail_url".to_owned(), thumbnail_url(found).into());
    fields.insert("call_saved_workflow_compatibility".to_owned(), Value::Null);
    Value::Object(fields)
}

async fn create(
    State(state): State<AppState>,
    User(user): User,
    Body(sent): Body<Sent>,
) -> Result<Json<Value>, Error> {
    let content = content(sent.workflow, "")?;
    let mut workflow: Map<String, Value> =
        serde_json::from_str(&content.workflow).map_err(Error::internal)?;
    // What single-user mode makes is everybody's, should there once be several.
    let is_public = !state.config.multiuser;
    let created = workflows::insert(&state.pool, &user, is_public, |id| {
        workflow.insert("id".to_owned(), id.into());
        Content { workflow: Value::Object(workflow).to_string(), ..content }
    })
    .await?;
    notices::workflow(&state, "workflow_created", &created).await?;
    Ok(Json(Value::Object(with_content(&state, &user, &created).await?)))
}

async fn get(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    let found = workflows::get(&state.pool, &user, &id).await.map_err(refuse("access"))?;
    let mut fields = with_content(&state, &user, &found).await?;
    fields.insert("thumbnail_url".to_owned(), thumbnail_url(&found).into());
    fields.insert("call_saved_workflow_compatibility".to_owned(), Value::Null);
    Ok(Json(Value::Object(fields)))
}

/// The workflow is named by its own id; the path only repeats it.
async fn update(
    State(state): State<AppState>,
    User(user): User,
    Body(sent): Body<Sent>,
) -> Result<Json<Value>, Error> {
    let id = sent.workflow.get("id").and_then(Value::as_str).map(ToOwned::to_owned);
    let id = id.ok_or_else(|| Error::unprocessable("workflow.id should be a string"))?;
    let before = workflows::get_own(&state.pool, &user, &id).await.map_err(refuse("update"))?;
    let content = content(sent.workflow, &id)?;
    let updated = workflows::update(&state.pool, &user, &id, &content).await.map_err(refuse("update"))?;
    notices::workflow_updated(&state, before.is_public, &updated).await?;
    Ok(Json(Value::Object(with_content(&state, &user, &updated).await?)))
}

async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Json<()>, Error> {
    let before = workflows::get_own(&state.pool, &user, &id).await.map_err(refuse("delete"))?;
    workflows::delete(&state.pool, &user, &id).await.map_err(refuse("delete"))?;
    notices::workflow(&state, "workflow_deleted", &before).await?;
    state.files.delete_attachment(store::files::Attachment::Workflow, &id).await?;
    Ok(Json(()))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Sharing {
    is_public: bool,
}

async fn set_public(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
    Body(sharing): Body<Sharing>,
) -> Result<Json<Value>, Error> {
    let before = workflows::get_own(&state.pool, &user, &id).await.map_err(refuse("update"))?;
    let updated =
        workflows::set_public(&state.pool, &user, &id, sharing.is_public).await.map_err(refuse("update"))?;
    notices::workflow_updated(&state, before.is_public, &updated).await?;
    Ok(Json(Value::Object(with_content(&state, &user, &updated).await?)))
}

async fn touch(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Json<()>, Error> {
    workflows::touch(&state.pool, &user, &id).await.map_err(refuse("update"))?;
    Ok(Json(()))
}

async fn tags(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Json<Vec<String>>, Error> {
    Ok(Json(workflows::tags(&state.pool, &user, &filter(&pairs)?).await?))
}

async fn counts_by_tag(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Json<Value>, Error> {
    let base = filter(&pairs)?;
    let mut counts = Map::new();
    for tag in pairs.required_list("tags")? {
        let filter = Filter { tags: vec![tag.clone()], ..base.clone() };
        counts.insert(tag, workflows::count(&state.pool, &user, &filter).await?.into());
    }
    Ok(Json(Value::Object(counts)))
}

async fn counts_by_category(
    State(state): State<AppState>,
    User(user): User,
    pairs: Pairs,
) -> Result<Json<Value>, Error> {
    let base = filter(&pairs)?;
    let mut counts = Map::new();
    for category in pairs.required_list("categories")? {
        let filter = Filter { categories: vec![category.clone()], ..base.clone() };
        counts.insert(category, workflows::count(&state.pool, &user, &filter).await?.into());
    }
    Ok(Json(Value::Object(counts)))
}
