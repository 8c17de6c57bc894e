//! Events are read once each in the order of their commits; notices wake whoever waits.
use super::{QUEUE, account, batch, claim, completed, enqueue};
use serde_json::json;
use sqlx::{Connection, PgPool, postgres::PgListener};
use std::time::Duration;
use store::{
    events::{self, Event},
    queue::{self, QueueMode::RoundRobin},
};

async fn record(transaction: &mut sqlx::PgConnection, name: &str) {
    events::record(transaction, name, None, None, &json!({})).await.unwrap();
}

async fn read(pool: &PgPool, cursor: &mut events::Cursor) -> Vec<String> {
    names(&events::after(pool, cursor, 100).await.unwrap())
}

fn names(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| event.name.clone()).collect()
}

/// The next `count` events, or those that came within five seconds. Short transactions of the tests beside this one may
/// end while the horizon is read; then the next look tells.
async fn told(pool: &PgPool, cursor: &mut events::Cursor, count: usize) -> Vec<Event> {
    let mut told = Vec::new();
    for _ in 0..100 {
        told.extend(events::after(pool, cursor, 100).await.unwrap());
        if told.len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    told
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn an_event_of_a_slow_transaction_is_neither_missed_nor_overtaken(pool: PgPool) {
    let mut cursor = events::now(&pool).await.unwrap();
    let mut slow = pool.begin().await.unwrap();
    record(&mut slow, "slow").await;
    let mut quick = pool.begin().await.unwrap();
    record(&mut quick, "quick").await;
    quick.commit().await.unwrap();
    assert!(read(&pool, &mut cursor).await.is_empty(), "the slow one may come before it");
    slow.commit().await.unwrap();
    assert_eq!(names(&told(&pool, &mut cursor, 2).await), ["slow", "quick"]);
    assert!(read(&pool, &mut cursor).await.is_empty(), "each is read once");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_long_transaction_of_another_database_holds_nothing_up(pool: PgPool) {
    let other = std::env::var("DATABASE_URL").unwrap();
    let mut other = sqlx::PgConnection::connect(&other).await.unwrap();
    sqlx::raw_sql("begin; select pg_current_xact_id()").execute(&mut other).await.unwrap();
    let mut cursor = events::now(&pool).await.unwrap();
    record(&mut pool.acquire().await.unwrap(), "first").await;
    let first = names(&told(&pool, &mut cursor, 1).await);
    assert_eq!(first, ["first"], "it came while the other transaction was open");
    let mut again = Vec::new();
    for _ in 0..100 {
        again = read(&pool, &mut events::now(&pool).await.unwrap()).await;
        if again.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(again.is_empty(), "a new reader starts behind it: {again:?}");
    drop(other);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn what_is_rolled_back_has_no_event(pool: PgPool) {
    let mut cursor = events::now(&pool).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    record(&mut transaction, "never").await;
    transaction.rollback().await.unwrap();
    assert!(read(&pool, &mut cursor).await.is_empty());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn old_events_are_pruned_and_young_ones_kept(pool: PgPool) {
    enqueue(&pool, 1, 1, false).await;
    assert_eq!(events::prune(&pool, Duration::from_secs(60)).await.unwrap(), 0);
    sqlx::query("update events set created_at = created_at - interval '2 minutes'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(events::prune(&pool, Duration::from_secs(60)).await.unwrap(), 1);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn progress_is_the_latest_of_what_runs_and_goes_with_it(pool: PgPool) {
    let id = enqueue(&pool, 1, 1, false).await[0];
    let item = claim(&pool, RoundRobin).await.unwrap();
    for percentage in [0.25, 0.5] {
        events::publish_progress(&pool, &item, json!({ "percentage": percentage })).await.unwrap();
    }
    let progress = events::progress_of(&pool, id).await.unwrap().unwrap();
    assert_eq!((&progress.payload["percentage"], &progress.payload["item_id"]), (&json!(0.5), &json!(id)));
    queue::delete_item(&pool, &account(1), QUEUE, id).await.unwrap();
    assert!(events::progress_of(&pool, id).await.unwrap().is_none());
    events::prune(&pool, Duration::from_secs(60)).await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from queue_progress").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn differences_of_counts_are_summed_up_before_they_are_many(pool: PgPool) {
    for _ in 0..300 {
        queue::enqueue(&pool, &account(1), QUEUE, &batch(1), false, 1_000).await.unwrap();
    }
    let differences: i64 =
        sqlx::query_scalar("select count(*) from queue_counts").fetch_one(&pool).await.unwrap();
    assert!(differences < 260, "{differences}");
    assert_eq!(queue::queue_status(&pool, &account(1), QUEUE).await.unwrap().counts.pending, 300);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn workers_are_woken_by_work_and_told_of_cancels(pool: PgPool) {
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen_all(["queue_wake", "queue_cancel", "events_wake"]).await.unwrap();
    let id = enqueue(&pool, 1, 1, false).await[0];
    let mut heard = Vec::new();
    for _ in 0..2 {
        heard.push(next(&mut listener).await.0);
    }
    heard.sort();
    assert_eq!(heard, ["events_wake", "queue_wake"]);
    claim(&pool, RoundRobin).await.unwrap();
    assert_eq!(next(&mut listener).await.0, "events_wake");
    queue::cancel_item(&pool, &account(1), QUEUE, id).await.unwrap();
    let heard = [next(&mut listener).await, next(&mut listener).await];
    assert!(heard.contains(&("queue_cancel".to_owned(), id.to_string())), "{heard:?}");
}

async fn next(listener: &mut PgListener) -> (String, String) {
    let notice =
        tokio::time::timeout(Duration::from_secs(10), listener.recv()).await.expect("a notice").unwrap();
    (notice.channel().to_owned(), notice.payload().to_owned())
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn an_items_events_tell_its_life_with_counts_of_that_moment(pool: PgPool) {
    let mut cursor = events::now(&pool).await.unwrap();
    queue::enqueue(&pool, &account(1), QUEUE, &batch(2), false, 100).await.unwrap();
    let item = claim(&pool, RoundRobin).await.unwrap();
    events::publish(&pool, &item, "invocation_started", json!({ "invocation_source_id": "a" }))
        .await
        .unwrap();
    queue::finish(&pool, item.item_id, item.fence, completed()).await.unwrap();
    let all = told(&pool, &mut cursor, 4).await;
    assert_eq!(
        names(&all),
        ["batch_enqueued", "queue_item_status_changed", "invocation_started", "queue_item_status_changed"]
    );
    assert!(all.iter().all(|event| event.user_id.as_deref() == Some("user-1")));
    let counts = |index: usize, part: &str| {
        let payload: &serde_json::Value = &all[index].payload;
        (
            payload[part]["pending"].clone(),
            payload[part]["in_progress"].clone(),
            payload[part]["completed"].clone(),
        )
    };
    assert_eq!(counts(1, "queue_status"), (json!(1), json!(1), json!(0)));
    assert_eq!(counts(3, "queue_status"), (json!(1), json!(0), json!(1)));
    assert_eq!(counts(3, "batch_status"), (json!(1), json!(0), json!(1)));
    assert_eq!(all[2].payload["item_id"], item.item_id);
}
