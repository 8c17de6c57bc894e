//! What is in the queue. The store leaves out what the asker may not see.
use crate::{
    error::{Error, Result},
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::queue::{self, ItemSummary, QueueItem};

/// More ids than a screen shows; what is asked at once is bounded.
const MOST_IDS: usize = 1000;

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Listing {
    destination: Option<String>,
    order_dir: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ItemIds {
    item_ids: Vec<i64>,
}

/// The ids of all items.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ItemIdsResult")]
pub(super) struct AllItemIds {
    item_ids: Vec<i64>,
    total_count: usize,
}

impl ItemIds {
    fn checked(self) -> Result<Vec<i64>> {
        if self.item_ids.len() > MOST_IDS {
            return Err(Error::unprocessable(format!("List should have at most {MOST_IDS} items")));
        }
        Ok(self.item_ids)
    }
}

pub(super) fn not_in_queue(error: store::Error, queue_id: &str, item_id: i64) -> Error {
    match error {
        store::Error::NotFound => {
            Error::not_found(format!("Queue item with id {item_id} not found in queue {queue_id}"))
        }
        other => other.into(),
    }
}

pub(super) async fn list_all(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<Vec<QueueItem>>> {
    Ok(Json(queue::list_all(&state.pool, &user, &queue_id, listing.destination.as_deref()).await?))
}

pub(super) async fn item_ids(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<AllItemIds>> {
    let ascending = match listing.order_dir.as_deref() {
        Some("ASC") => true,
        Some("DESC") | None => false,
        Some(_) => return Err(Error::unprocessable("Input should be 'ASC' or 'DESC'")),
    };
    let item_ids = queue::item_ids(&state.pool, &user, &queue_id, ascending).await?;
    Ok(Json(AllItemIds { total_count: item_ids.len(), item_ids }))
}

pub(super) async fn items_by_ids(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Json(wanted): Json<ItemIds>,
) -> Result<Json<Vec<QueueItem>>> {
    Ok(Json(queue::get_many(&state.pool, &user, &queue_id, &wanted.checked()?).await?))
}

pub(super) async fn summaries_by_ids(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    Json(wanted): Json<ItemIds>,
) -> Result<Json<Vec<ItemSummary>>> {
    Ok(Json(queue::summaries(&state.pool, &user, &queue_id, &wanted.checked()?).await?))
}

pub(super) async fn current(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
) -> Result<Json<Option<QueueItem>>> {
    Ok(Json(queue::current(&state.pool, &user, &queue_id).await?))
}

pub(super) async fn next(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
) -> Result<Json<Option<QueueItem>>> {
    Ok(Json(queue::next(&state.pool, &user, &queue_id).await?))
}

pub(super) async fn get(
    State(state): State<AppState>,
    User(user): User,
    Path((queue_id, item_id)): Path<(String, i64)>,
) -> Result<Json<Value>> {
    let item = queue::get(&state.pool, &user, &queue_id, item_id)
        .await
        .map_err(|error| not_in_queue(error, &queue_id, item_id))?;
    // This one answer of upstream's leaves out what is null.
    Ok(Json(without_nulls(serde_json::to_value(item).map_err(Error::internal)?)))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
