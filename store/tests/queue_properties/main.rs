//! What holds for the queue whatever people, workers and crashes do to it, on a real Postgres.
//!
//! - [`one_connection`]: random steps one after the other, with a model of what must be true after each
//! - [`many_connections`]: random people and workers at once, audited by triggers and at the end
//! - [`order`]: who is next
//! - [`lost_workers`]: retry, and the end of it
//! - [`access`]: whose items may be seen and changed
//! - [`notices`]: events in the order of their commits, and who is woken
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]
mod access;
mod lost_workers;
mod many_connections;
mod notices;
mod one_connection;
mod order;

use domain::{account::CurrentUser, batch::Batch};
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;
use store::queue::{self, ClaimedItem, Outcome, QueueMode};

const QUEUE: &str = "default";
const LONG: Duration = Duration::from_secs(60);

/// The first account is an administrator.
fn account(index: usize) -> CurrentUser {
    CurrentUser { user_id: format!("user-{index}"), is_admin: index == 0 }
}

fn batch(runs: u64) -> Batch {
    let body = json!({ "graph": { "id": "g", "nodes": {}, "edges": [] }, "runs": runs });
    Batch::parse(body, &[]).expect("the batch is valid")
}

/// Enqueues `runs` items of `user`; their ids, the oldest first.
async fn enqueue(pool: &PgPool, user: usize, runs: u64, prepend: bool) -> Vec<i64> {
    let done = queue::enqueue(pool, &account(user), QUEUE, &batch(runs), prepend, 1_000).await.unwrap();
    done.item_ids.into_iter().rev().collect()
}

async fn claim(pool: &PgPool, mode: QueueMode) -> Option<ClaimedItem> {
    queue::claim_next(pool, "worker", mode, LONG).await.unwrap()
}

fn completed() -> Outcome {
    Outcome::Completed { session: json!({ "done": true }) }
}

async fn status_of(pool: &PgPool, item_id: i64) -> String {
    queue::get(pool, &account(0), QUEUE, item_id).await.unwrap().status
}

/// Ends the lease of an item as time would.
async fn expire(pool: &PgPool, item_id: i64) {
    sqlx::query(
        "update queue_items set lease_until = clock_timestamp() - interval '1 second' where item_id = $1",
    )
    .bind(item_id)
    .execute(pool)
    .await
    .unwrap();
}
