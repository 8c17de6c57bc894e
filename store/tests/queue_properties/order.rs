//! Who is next. `round_robin` is upstream's: the person who was served longest ago (never: first), then age; of one
//! person's items the one with the highest priority, then the oldest. `FIFO` is priority, then age, over everybody.
use super::{account, batch, claim, completed, enqueue};
use sqlx::PgPool;
use store::queue::{
    self,
    QueueMode::{Fifo, RoundRobin},
};

/// Claims everything; the owners' numbers in the order they were served.
async fn serve_all(pool: &PgPool, mode: store::queue::QueueMode) -> Vec<usize> {
    let mut served = Vec::new();
    while let Some(item) = claim(pool, mode).await {
        served.push(item.user_id.trim_start_matches("user-").parse().unwrap());
        queue::finish(pool, item.item_id, item.fence, completed()).await.unwrap();
    }
    served
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn people_take_turns_however_much_one_has_enqueued(pool: PgPool) {
    enqueue(&pool, 1, 5, false).await;
    enqueue(&pool, 2, 2, false).await;
    enqueue(&pool, 3, 1, false).await;
    assert_eq!(serve_all(&pool, RoundRobin).await, [1, 2, 3, 1, 2, 1, 1, 1]);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn who_comes_later_is_served_next_as_they_were_never_served(pool: PgPool) {
    enqueue(&pool, 1, 3, false).await;
    enqueue(&pool, 2, 3, false).await;
    for expected in ["user-1", "user-2", "user-1"] {
        assert_eq!(claim(&pool, RoundRobin).await.unwrap().user_id, expected);
    }
    enqueue(&pool, 3, 1, false).await;
    assert_eq!(serve_all(&pool, RoundRobin).await, [3, 2, 1, 2]);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_priority_counts_among_the_own_items_and_takes_nobody_elses_turn(pool: PgPool) {
    let first = enqueue(&pool, 1, 1, false).await;
    let other = enqueue(&pool, 2, 2, false).await;
    let prepended = enqueue(&pool, 1, 2, true).await;
    let mut order = Vec::new();
    while let Some(item) = claim(&pool, RoundRobin).await {
        order.push(item.item_id);
    }
    assert_eq!(order, [other[0], prepended[0], other[1], prepended[1], first[0]]);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn fifo_is_priority_then_age_over_everybody(pool: PgPool) {
    let first = enqueue(&pool, 1, 2, false).await;
    let second = enqueue(&pool, 2, 1, false).await;
    let prepended = enqueue(&pool, 2, 2, true).await;
    let before_all = enqueue(&pool, 1, 1, true).await;
    let mut order = Vec::new();
    while let Some(item) = claim(&pool, Fifo).await {
        order.push(item.item_id);
    }
    assert_eq!(order, [before_all, prepended, first, second].concat());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn prepending_gives_a_priority_above_everything_that_waits(pool: PgPool) {
    for expected in [1, 2, 3] {
        let done = queue::enqueue(&pool, &account(1), "default", &batch(1), true, 100).await.unwrap();
        assert_eq!(done.priority, expected);
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn workers_that_claim_at_once_share_no_item_and_keep_the_turns(pool: PgPool) {
    for user in 1..=4 {
        enqueue(&pool, user, 4, false).await;
    }
    for _ in 0..4 {
        let claims: Vec<_> = (0..4)
            .map(|_| {
                let pool = pool.clone();
                tokio::spawn(async move { claim(&pool, RoundRobin).await.unwrap() })
            })
            .collect();
        let mut owners = Vec::new();
        for claim in claims {
            owners.push(claim.await.unwrap().user_id);
        }
        owners.sort_unstable();
        assert_eq!(owners, ["user-1", "user-2", "user-3", "user-4"], "four workers serve four people");
    }
    assert!(claim(&pool, RoundRobin).await.is_none());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn many_workers_on_one_persons_items_each_get_one(pool: PgPool) {
    let mut ids = enqueue(&pool, 1, 16, false).await;
    let claims: Vec<_> = (0..16)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { claim(&pool, RoundRobin).await })
        })
        .collect();
    let mut claimed = Vec::new();
    for claim in claims {
        claimed.push(claim.await.unwrap().expect("there is one for each").item_id);
    }
    claimed.sort_unstable();
    ids.sort_unstable();
    assert_eq!(claimed, ids);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_paused_queue_gives_nothing_out_and_takes_everything_in(pool: PgPool) {
    queue::set_paused(&pool, &account(0), true).await.unwrap();
    enqueue(&pool, 1, 1, false).await;
    assert!(queue::is_paused(&pool).await.unwrap());
    assert!(claim(&pool, RoundRobin).await.is_none());
    assert!(claim(&pool, Fifo).await.is_none());
    assert!(matches!(queue::set_paused(&pool, &account(1), false).await, Err(store::Error::Forbidden)));
    queue::set_paused(&pool, &account(0), false).await.unwrap();
    assert!(claim(&pool, RoundRobin).await.is_some());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_full_queue_takes_what_fits(pool: PgPool) {
    let done = queue::enqueue(&pool, &account(1), "default", &batch(7), false, 5).await.unwrap();
    assert_eq!((done.requested, done.item_ids.len()), (7, 5));
    let done = queue::enqueue(&pool, &account(2), "default", &batch(1), false, 5).await.unwrap();
    assert_eq!((done.requested, done.item_ids.len()), (1, 0));
    claim(&pool, RoundRobin).await.unwrap();
    let done = queue::enqueue(&pool, &account(2), "default", &batch(2), false, 5).await.unwrap();
    assert_eq!(done.item_ids.len(), 1, "only what waits counts");
}
