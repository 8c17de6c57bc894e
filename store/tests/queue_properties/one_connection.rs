//! Whatever people, workers and crashes do to the queue, in whatever order: an item runs under one lease at a time,
//! ends once, and tells of every change once.
use super::{LONG, QUEUE, account, batch};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use std::collections::HashMap;
use store::{
    Error, database, events,
    queue::{self, ClaimedItem, Heartbeat, Outcome, QueueMode, Selection},
};

const MAX_QUEUE_SIZE: u64 = 6;

#[derive(Debug, Clone)]
enum Step {
    Enqueue { user: usize, runs: u64, prepend: bool },
    Claim { fifo: bool },
    Finish { held: usize, failed: bool },
    FinishTwice { held: usize },
    HandBack { held: usize },
    Expire { held: usize },
    CancelRunning { held: usize },
    CancelAll { user: usize },
    CancelWaiting { user: usize },
    Retry { user: usize },
    Prune { user: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3usize, 1..4u64, any::<bool>()).prop_map(|(user, runs, prepend)| Step::Enqueue { user, runs, prepend }),
        6 => any::<bool>().prop_map(|fifo| Step::Claim { fifo }),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(held, failed)| Step::Finish { held, failed }),
        1 => any::<usize>().prop_map(|held| Step::FinishTwice { held }),
        1 => any::<usize>().prop_map(|held| Step::HandBack { held }),
        3 => any::<usize>().prop_map(|held| Step::Expire { held }),
        1 => any::<usize>().prop_map(|held| Step::CancelRunning { held }),
        1 => (0..3usize).prop_map(|user| Step::CancelAll { user }),
        1 => (0..3usize).prop_map(|user| Step::CancelWaiting { user }),
        1 => (0..3usize).prop_map(|user| Step::Retry { user }),
        1 => (0..3usize).prop_map(|user| Step::Prune { user }),
    ]
}

/// A database of this test's own.
async fn fresh_pool() -> (PgPool, String, String) {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres to test on");
    let name = format!("queue_properties_{}", uuid::Uuid::new_v4().simple());
    let mut admin = PgConnection::connect(&url).await.expect("Postgres answers");
    sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}")))
        .execute(&mut admin)
        .await
        .expect("a database");
    let (base, query) = url.split_once('?').map_or((url.as_str(), ""), |(base, query)| (base, query));
    let server = base.rsplit_once('/').expect("a database in the URL").0;
    let own = format!("{server}/{name}{}{query}", if query.is_empty() { "" } else { "?" });
    let pool = database::connect(&own, 5).await.expect("a pool");
    database::migrate(&pool).await.expect("migrations apply");
    (pool, url, name)
}

async fn drop_database(pool: PgPool, url: &str, name: &str) {
    pool.close().await;
    let mut admin = PgConnection::connect(url).await.expect("Postgres answers");
    sqlx::query(sqlx::AssertSqlSafe(format!("drop database {name} with (force)")))
        .execute(&mut admin)
        .await
        .expect("dropped");
}

#[derive(Default)]
struct Model {
    held: Vec<ClaimedItem>,
    fences: HashMap<i64, i64>,
    ended: HashMap<i64, String>,
}

impl Model {
    fn take(&mut self, index: usize) -> Option<ClaimedItem> {
        (!self.held.is_empty()).then(|| self.held.remove(index % self.held.len()))
    }
}

async fn apply(pool: &PgPool, model: &mut Model, step: Step) {
    match step {
        Step::Enqueue { user, runs, prepend } => {
            let done = queue::enqueue(pool, &account(user), QUEUE, &batch(runs), prepend, MAX_QUEUE_SIZE)
                .await
                .unwrap();
            assert_eq!(done.requested, runs);
            assert!(done.item_ids.len() as u64 <= runs);
        }
        Step::Claim { fifo } => {
            let mode = if fifo { QueueMode::Fifo } else { QueueMode::RoundRobin };
            let waiting = count(pool, "pending").await;
            let claimed = queue::claim_next(pool, "worker", mode, LONG).await.unwrap();
            assert_eq!(claimed.is_some(), waiting > 0, "what waits is given out");
            if let Some(item) = claimed {
                assert!(!model.held.iter().any(|held| held.item_id == item.item_id), "one lease at a time");
                assert!(!model.ended.contains_key(&item.item_id), "what has ended does not run again");
                assert!(item.attempt <= queue::MAX_ATTEMPTS);
                let before = model.fences.insert(item.item_id, item.fence);
                assert!(before.is_none_or(|before| item.fence > before), "fences only rise");
                model.held.push(item);
            }
        }
        Step::Finish { held, failed } => {
            let Some(item) = model.take(held) else { return };
            let (outcome, status) = if failed {
                let text = || "x".to_owned();
                (
                    Outcome::Failed {
                        session: json!({}),
                        error_type: text(),
                        error_message: text(),
                        error_traceback: text(),
                    },
                    "failed",
                )
            } else {
                (Outcome::Completed { session: json!({ "done": true }) }, "completed")
            };
            queue::finish(pool, item.item_id, item.fence, outcome).await.unwrap();
            model.ended.insert(item.item_id, status.into());
            let late =
                queue::finish(pool, item.item_id, item.fence, Outcome::Completed { session: json!({}) })
                    .await;
            assert!(matches!(late, Err(Error::LeaseLost)));
        }
        Step::FinishTwice { held } => {
            // A worker that does not know that its lease is gone.
            let Some(item) = model.take(held) else { return };
            expire(pool, item.item_id).await;
            let late =
                queue::finish(pool, item.item_id, item.fence, Outcome::Completed { session: json!({}) })
                    .await;
            assert!(matches!(late, Err(Error::LeaseLost)));
            let told = events::publish(pool, &item, "invocation_started", json!({})).await;
            assert!(matches!(told, Err(Error::LeaseLost)));
            assert!(matches!(queue::hand_back(pool, item.item_id, item.fence).await, Err(Error::LeaseLost)));
            note_end(pool, model, item.item_id).await;
        }
        Step::HandBack { held } => {
            let Some(item) = model.take(held) else { return };
            queue::hand_back(pool, item.item_id, item.fence).await.unwrap();
        }
        Step::Expire { held } => {
            let Some(item) = model.take(held) else { return };
            expire(pool, item.item_id).await;
            let beat = queue::heartbeat(pool, item.item_id, item.fence, LONG).await.unwrap();
            assert_eq!(beat, Heartbeat::LeaseLost);
            note_end(pool, model, item.item_id).await;
            let gone = model.ended.contains_key(&item.item_id);
            assert_eq!(gone, item.attempt >= queue::MAX_ATTEMPTS, "three lost workers are enough");
        }
        Step::CancelRunning { held } => {
            let Some(item) = model.take(held) else { return };
            queue::cancel_item(pool, &account(0), QUEUE, item.item_id).await.unwrap();
            assert_eq!(
                queue::heartbeat(pool, item.item_id, item.fence, LONG).await.unwrap(),
                Heartbeat::Canceled
            );
            queue::finish(pool, item.item_id, item.fence, Outcome::Completed { session: json!({}) })
                .await
                .unwrap();
            model.ended.insert(item.item_id, "canceled".into());
        }
        Step::CancelAll { user } => {
            let user = account(user);
            queue::cancel_matching(pool, &user, QUEUE, Selection::default()).await.unwrap();
            model.held.retain(|item| !user.may_manage(&item.user_id));
            note_ends(pool, model).await;
        }
        Step::CancelWaiting { user } => {
            queue::cancel_all_except_current(pool, &account(user), QUEUE).await.unwrap();
            note_ends(pool, model).await;
        }
        Step::Retry { user } => {
            let user = account(user);
            let ids: Vec<i64> = model.ended.keys().copied().collect();
            match queue::retry(pool, &user, QUEUE, &ids, MAX_QUEUE_SIZE).await {
                Ok(retried) => assert!(retried.iter().all(|id| model.ended[id] != "completed")),
                Err(error) => assert!(matches!(error, Error::Forbidden) && !user.is_admin, "{error}"),
            }
        }
        Step::Prune { user } => {
            queue::prune(pool, &account(user), QUEUE).await.unwrap();
        }
    }
}

async fn expire(pool: &PgPool, item_id: i64) {
    sqlx::query(
        "update queue_items set lease_until = clock_timestamp() - interval '1 second' where item_id = $1",
    )
    .bind(item_id)
    .execute(pool)
    .await
    .unwrap();
    assert_eq!(queue::reap_expired(pool).await.unwrap(), 1);
}

async fn note_end(pool: &PgPool, model: &mut Model, item_id: i64) {
    let item = queue::get(pool, &account(0), QUEUE, item_id).await.unwrap();
    if item.status == "failed" {
        model.ended.insert(item_id, item.status);
    }
}

async fn note_ends(pool: &PgPool, model: &mut Model) {
    for item in queue::list_all(pool, &account(0), QUEUE, None).await.unwrap() {
        if matches!(item.status.as_str(), "completed" | "failed" | "canceled") {
            model.ended.insert(item.item_id, item.status);
        }
    }
}

async fn count(pool: &PgPool, status: &str) -> i64 {
    sqlx::query_scalar("select count(*) from queue_items where status = $1")
        .bind(status)
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn check(pool: &PgPool, model: &Model) {
    assert!(
        count(pool, "pending").await as u64 <= MAX_QUEUE_SIZE + 3,
        "the limit holds but for what comes back"
    );
    assert_eq!(count(pool, "in_progress").await as usize, model.held.len(), "held and running are the same");
    for item in queue::list_all(pool, &account(0), QUEUE, None).await.unwrap() {
        if let Some(status) = model.ended.get(&item.item_id) {
            assert_eq!(status, &item.status, "an end is final");
        }
    }
    for item in queue::list_all(pool, &account(1), QUEUE, None).await.unwrap() {
        assert!(item.user_id == "user-1" || item.user_id == "redacted", "others' items are redacted");
    }
}

#[test]
fn an_item_runs_under_one_lease_and_ends_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (pool, url, name) = runtime.block_on(fresh_pool());
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let result = runner.run(&proptest::collection::vec(step(), 1..40), |steps| {
        runtime.block_on(async {
            sqlx::query("truncate queue_items, queue_sessions, queue_progress, events")
                .execute(&pool)
                .await
                .unwrap();
            let mut model = Model::default();
            let mut cursor = events::now(&pool).await.unwrap();
            for step in steps {
                apply(&pool, &mut model, step).await;
                check(&pool, &model).await;
            }
            // Every change of status was told once and in order.
            let mut sequences: HashMap<i64, i64> = HashMap::new();
            for event in events::after(&pool, &mut cursor, 10_000).await.unwrap() {
                if event.name == "queue_item_status_changed" {
                    let id = event.payload["item_id"].as_i64().unwrap();
                    let sequence = event.payload["status_sequence"].as_i64().unwrap();
                    assert_eq!(sequences.insert(id, sequence).unwrap_or(0) + 1, sequence, "item {id}");
                }
            }
        });
        Ok(())
    });
    runtime.block_on(drop_database(pool, &url, &name));
    result.unwrap();
}
