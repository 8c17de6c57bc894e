//! Whose items may be seen and changed.
use super::{LONG, QUEUE, account, batch, enqueue, status_of};
use serde_json::json;
use sqlx::PgPool;
use store::{
    Error,
    queue::{self, QueueMode::RoundRobin, Selection},
};

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn others_items_are_redacted_and_may_not_be_changed(pool: PgPool) {
    let id = enqueue(&pool, 1, 1, false).await[0];
    let (owner, stranger, administrator) = (account(1), account(2), account(0));
    let seen = queue::get(&pool, &stranger, QUEUE, id).await.unwrap();
    assert_eq!((seen.item_id, seen.user_id.as_str(), seen.batch_id.as_str()), (id, "redacted", "redacted"));
    assert_eq!(seen.session["id"], "redacted");
    let seen = queue::summaries(&pool, &stranger, QUEUE, &[id]).await.unwrap().remove(0);
    assert_eq!((seen.user_id.as_str(), seen.field_values), ("redacted", None));
    for viewer in [&owner, &administrator] {
        assert_eq!(queue::get(&pool, viewer, QUEUE, id).await.unwrap().user_id, "user-1");
    }

    for refused in [
        queue::cancel_item(&pool, &stranger, QUEUE, id).await,
        queue::delete_item(&pool, &stranger, QUEUE, id).await,
        queue::retry(&pool, &stranger, QUEUE, &[id], 100).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Forbidden)));
    }
    assert_eq!(queue::clear(&pool, &stranger, QUEUE).await.unwrap(), 0);
    assert_eq!(queue::prune(&pool, &stranger, QUEUE).await.unwrap(), 0);
    assert_eq!(queue::cancel_matching(&pool, &stranger, QUEUE, Selection::default()).await.unwrap(), 0);
    assert_eq!(queue::cancel_all_except_current(&pool, &stranger, QUEUE).await.unwrap(), 0);
    assert_eq!(queue::delete_all_except_current(&pool, &stranger, QUEUE).await.unwrap(), 0);
    assert_eq!(status_of(&pool, id).await, "pending");
    queue::cancel_item(&pool, &administrator, QUEUE, id).await.unwrap();
    assert_eq!(status_of(&pool, id).await, "canceled");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn counts_are_of_everybody_with_the_own_share_beside_them(pool: PgPool) {
    enqueue(&pool, 1, 3, false).await;
    enqueue(&pool, 2, 2, false).await;
    let running = queue::claim_next(&pool, "w", RoundRobin, LONG).await.unwrap().unwrap();
    assert_eq!(running.user_id, "user-1");
    let own = queue::queue_status(&pool, &account(1), QUEUE).await.unwrap();
    assert_eq!((own.counts.pending, own.counts.in_progress, own.counts.total), (4, 1, 5));
    assert_eq!((own.user_pending, own.user_in_progress), (Some(2), Some(1)));
    assert_eq!(own.item_id, Some(running.item_id));
    let others = queue::queue_status(&pool, &account(2), QUEUE).await.unwrap();
    assert_eq!((others.counts.total, others.user_pending), (5, Some(2)));
    assert_eq!((others.item_id, others.session_id, others.batch_id), (None, None, None));
    let theirs = queue::batch_status(&pool, &account(2), QUEUE, &running.batch_id).await.unwrap();
    assert_eq!(theirs.counts.total, 0, "nothing is told of another's batch");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn only_the_selected_batch_or_destination_is_canceled_or_deleted(pool: PgPool) {
    let mut batches = Vec::new();
    for destination in ["canvas", "canvas", "generate"] {
        let mut batch = batch(2);
        batch.destination = Some(destination.to_owned());
        queue::enqueue(&pool, &account(1), QUEUE, &batch, false, 100).await.unwrap();
        batches.push(batch.batch_id);
    }
    let one = Selection { batch_ids: Some(&batches[..1]), destination: None };
    assert_eq!(queue::cancel_matching(&pool, &account(1), QUEUE, one).await.unwrap(), 2);
    let canvas = Selection { batch_ids: None, destination: Some("canvas") };
    assert_eq!(queue::cancel_matching(&pool, &account(1), QUEUE, canvas).await.unwrap(), 2);
    assert_eq!(queue::delete_by_destination(&pool, &account(1), QUEUE, "canvas").await.unwrap(), 4);
    let left = queue::destination_counts(&pool, &account(1), QUEUE, "generate").await.unwrap();
    assert_eq!((left.counts.pending, left.counts.total), (2, 2));
    assert_eq!(queue::list_all(&pool, &account(1), QUEUE, None).await.unwrap().len(), 2);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_value_of_the_batch_comes_back_as_it_was_put_in(pool: PgPool) {
    let body = json!({
        "graph": { "id": "g", "nodes": { "a": { "id": "a", "type": "integer" } }, "edges": [] },
        "data": [[{ "node_path": "a", "field_name": "value", "items": [7, 8] }]],
        "workflow": { "z": 1, "a": 2 },
    });
    let batch = serde_json::from_value(body).unwrap();
    queue::enqueue(&pool, &account(1), QUEUE, &batch, false, 100).await.unwrap();
    for value in [7, 8] {
        let item = queue::claim_next(&pool, "w", RoundRobin, LONG).await.unwrap().unwrap();
        assert_eq!(item.session["graph"]["nodes"]["a"]["value"], value);
        assert_eq!(item.field_values.unwrap()[0]["value"], value);
        assert_eq!(item.workflow.unwrap().to_string(), r#"{"z":1,"a":2}"#, "keys keep their order");
    }
}
