//! Leases: an item whose worker died is taken up again, three times at most.
use super::{LONG, QUEUE, account, claim, completed, enqueue, expire, status_of};
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;
use store::{
    Error, events,
    images::{self, ImageCategory, ImageOrigin, NewImage},
    queue::{self, ClaimedItem, Heartbeat, Outcome, QueueMode::RoundRobin},
};

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn an_item_that_kills_its_worker_three_times_fails(pool: PgPool) {
    let id = enqueue(&pool, 1, 1, false).await[0];
    for attempt in 1..=queue::MAX_ATTEMPTS {
        let item = claim(&pool, RoundRobin).await.unwrap();
        assert_eq!((item.item_id, item.attempt), (id, attempt));
        expire(&pool, id).await;
        assert_eq!(queue::reap_expired(&pool).await.unwrap(), 1);
    }
    assert!(claim(&pool, RoundRobin).await.is_none());
    let item = queue::get(&pool, &account(1), QUEUE, id).await.unwrap();
    assert_eq!((item.status.as_str(), item.error_type.as_deref()), ("failed", Some("WorkerLost")));
    assert!(item.completed_at.is_some());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn an_item_that_is_handed_back_loses_no_attempt(pool: PgPool) {
    enqueue(&pool, 1, 1, false).await;
    for _ in 0..5 {
        let item = claim(&pool, RoundRobin).await.unwrap();
        assert_eq!(item.attempt, 1);
        queue::hand_back(&pool, item.item_id, item.fence).await.unwrap();
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_heartbeat_keeps_the_lease(pool: PgPool) {
    let id = enqueue(&pool, 1, 1, false).await[0];
    let item = queue::claim_next(&pool, "w", RoundRobin, Duration::from_millis(1)).await.unwrap().unwrap();
    assert_eq!(queue::heartbeat(&pool, id, item.fence, LONG).await.unwrap(), Heartbeat::Continue);
    assert_eq!(queue::reap_expired(&pool).await.unwrap(), 0);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_writes_of_a_worker_that_lost_its_lease_count_for_nothing(pool: PgPool) {
    let id = enqueue(&pool, 1, 1, false).await[0];
    let slow = claim(&pool, RoundRobin).await.unwrap();
    expire(&pool, id).await;
    queue::reap_expired(&pool).await.unwrap();
    let quick = claim(&pool, RoundRobin).await.unwrap();
    assert!(quick.fence > slow.fence);

    assert_eq!(queue::heartbeat(&pool, id, slow.fence, LONG).await.unwrap(), Heartbeat::LeaseLost);
    let late = events::publish(&pool, &slow, "invocation_started", json!({})).await;
    assert!(matches!(late, Err(Error::LeaseLost)));
    assert!(matches!(events::publish_progress(&pool, &slow, json!({})).await, Err(Error::LeaseLost)));
    assert!(matches!(queue::hand_back(&pool, id, slow.fence).await, Err(Error::LeaseLost)));
    let wrong = Outcome::Completed { session: json!({ "by": "slow" }) };
    assert!(matches!(queue::finish(&pool, id, slow.fence, wrong).await, Err(Error::LeaseLost)));

    queue::finish(&pool, id, quick.fence, Outcome::Completed { session: json!({ "by": "quick" }) })
        .await
        .unwrap();
    let item = queue::get(&pool, &account(1), QUEUE, id).await.unwrap();
    assert_eq!((item.status.as_str(), &item.session), ("completed", &json!({ "by": "quick" })));
    assert!(matches!(queue::finish(&pool, id, quick.fence, completed()).await, Err(Error::LeaseLost)));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn what_was_canceled_stays_canceled_though_its_worker_finishes(pool: PgPool) {
    let id = enqueue(&pool, 1, 1, false).await[0];
    let item = claim(&pool, RoundRobin).await.unwrap();
    queue::cancel_item(&pool, &account(1), QUEUE, id).await.unwrap();
    assert_eq!(queue::heartbeat(&pool, id, item.fence, LONG).await.unwrap(), Heartbeat::Canceled);
    queue::finish(&pool, id, item.fence, completed()).await.unwrap();
    assert_eq!(status_of(&pool, id).await, "canceled");
    expire(&pool, id).await;
    assert_eq!(queue::reap_expired(&pool).await.unwrap(), 0);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_worker_of_a_deleted_item_hears_that_it_is_canceled(pool: PgPool) {
    let id = enqueue(&pool, 1, 1, false).await[0];
    let item = claim(&pool, RoundRobin).await.unwrap();
    queue::delete_item(&pool, &account(1), QUEUE, id).await.unwrap();
    assert_eq!(queue::heartbeat(&pool, id, item.fence, LONG).await.unwrap(), Heartbeat::Canceled);
    assert!(matches!(queue::finish(&pool, id, item.fence, completed()).await, Err(Error::LeaseLost)));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_retry_is_a_new_item_that_tells_where_it_came_from(pool: PgPool) {
    let id = enqueue(&pool, 1, 1, false).await[0];
    queue::cancel_item(&pool, &account(1), QUEUE, id).await.unwrap();
    assert_eq!(queue::retry(&pool, &account(1), QUEUE, &[id], 100).await.unwrap(), [id]);
    let again = claim(&pool, RoundRobin).await.unwrap();
    assert_ne!(again.item_id, id);
    queue::cancel_item(&pool, &account(1), QUEUE, again.item_id).await.unwrap();
    queue::retry(&pool, &account(1), QUEUE, &[again.item_id], 100).await.unwrap();
    let third = claim(&pool, RoundRobin).await.unwrap();
    let third = queue::get(&pool, &account(1), QUEUE, third.item_id).await.unwrap();
    assert_eq!(third.retried_from_item_id, Some(id), "the first of them");
    queue::finish(&pool, third.item_id, 1, completed()).await.unwrap();
    assert!(queue::retry(&pool, &account(1), QUEUE, &[third.item_id], 100).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_second_attempt_replaces_the_images_of_the_first(pool: PgPool) {
    enqueue(&pool, 1, 1, false).await;
    let lost = claim(&pool, RoundRobin).await.unwrap();
    images::record_for(&pool, &lost, &image("lost.png", &lost)).await.unwrap();
    expire(&pool, lost.item_id).await;
    queue::reap_expired(&pool).await.unwrap();
    let late = images::record_for(&pool, &lost, &image("late.png", &lost)).await;
    assert!(matches!(late, Err(Error::LeaseLost)));

    let again = claim(&pool, RoundRobin).await.unwrap();
    assert_eq!(again.session_id, lost.session_id);
    assert_eq!(images::delete_of_session(&pool, &again).await.unwrap(), ["lost.png"]);
    images::record_for(&pool, &again, &image("good.png", &again)).await.unwrap();
    queue::finish(&pool, again.item_id, again.fence, completed()).await.unwrap();
    let names: Vec<String> =
        sqlx::query_scalar("select image_name from images").fetch_all(&pool).await.unwrap();
    assert_eq!(names, ["good.png"]);
}

fn image(name: &str, item: &ClaimedItem) -> NewImage {
    NewImage {
        image_name: name.to_owned(),
        user_id: item.user_id.clone(),
        session_id: Some(item.session_id.clone()),
        node_id: None,
        category: ImageCategory::General,
        origin: ImageOrigin::Internal,
        width: 8,
        height: 8,
        is_intermediate: false,
        metadata: None,
        workflow: None,
        graph: None,
        board_id: None,
    }
}
