//! Random people, workers and crashes at once, each on a connection of its own. Triggers note every change of a row;
//! one more connection compares the counts with the rows all the while.
use super::{QUEUE, account, batch, completed};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{
    Error,
    queue::{self, ClaimedItem, Heartbeat, Outcome, QueueMode, Selection},
};

const PEOPLE: usize = 5;
const WORKERS: usize = 8;
const STEPS: usize = 60;
const LEASE: Duration = Duration::from_millis(300);

const AUDIT: &str = "
create table audit (
    id bigint generated always as identity primary key, item_id bigint, old_status text, new_status text,
    old_fence bigint, new_fence bigint, old_sequence bigint, new_sequence bigint, attempt integer
);
create function note() returns trigger language plpgsql as $$
begin
    insert into audit (item_id, old_status, new_status, old_fence, new_fence, old_sequence, new_sequence, attempt)
    values (coalesce(new.item_id, old.item_id), old.status, new.status, old.fence, new.fence,
        old.status_sequence, new.status_sequence, new.attempt);
    return null;
end $$;
create trigger note after insert or update or delete on queue_items for each row execute function note();";

/// What the people and workers were told.
#[derive(Default)]
struct Told {
    enqueued: Vec<i64>,
    claims: Vec<(i64, i64)>,
    completed: HashSet<i64>,
}

struct Stage {
    pool: PgPool,
    told: Mutex<Told>,
}

impl Stage {
    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }

    fn some_item(&self, random: &mut StdRng) -> i64 {
        self.told().enqueued.choose(random).copied().unwrap_or(0)
    }
}

/// Refusals are part of the game; anything else is a defect.
fn tolerate<T>(result: store::Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::NotFound | Error::Forbidden | Error::LeaseLost) => None,
        Err(error) => panic!("{error:?}"),
    }
}

async fn person(stage: Arc<Stage>, number: usize, mut random: StdRng) {
    let user = account(number);
    for _ in 0..STEPS {
        let pool = &stage.pool;
        match random.random_range(0..20) {
            0..=8 => {
                let mut batch = batch(random.random_range(1..4));
                batch.destination = ["canvas", "generate"].choose(&mut random).map(ToString::to_string);
                let done = queue::enqueue(pool, &user, QUEUE, &batch, random.random(), 200).await.unwrap();
                stage.told().enqueued.extend(done.item_ids);
            }
            9 | 10 => {
                let id = stage.some_item(&mut random);
                tolerate(queue::cancel_item(pool, &user, QUEUE, id).await);
            }
            11 => {
                let id = stage.some_item(&mut random);
                tolerate(queue::delete_item(pool, &user, QUEUE, id).await);
            }
            12 => {
                let selection = Selection { destination: Some("canvas"), batch_ids: None };
                queue::cancel_matching(pool, &user, QUEUE, selection).await.unwrap();
            }
            13 => {
                queue::delete_by_destination(pool, &user, QUEUE, "canvas").await.unwrap();
            }
            14 => {
                queue::cancel_all_except_current(pool, &user, QUEUE).await.unwrap();
            }
            15 => {
                queue::delete_all_except_current(pool, &user, QUEUE).await.unwrap();
            }
            16 => {
                queue::prune(pool, &user, QUEUE).await.unwrap();
            }
            17 if random.random_ratio(1, 4) => {
                queue::clear(pool, &user, QUEUE).await.unwrap();
            }
            17 | 18 => {
                let ids = [stage.some_item(&mut random), stage.some_item(&mut random)];
                tolerate(queue::retry(pool, &user, QUEUE, &ids, 200).await);
            }
            _ => {
                tolerate(queue::set_paused(pool, &user, true).await);
                tokio::time::sleep(Duration::from_millis(5)).await;
                tolerate(queue::set_paused(pool, &user, false).await);
            }
        }
    }
}

async fn worker(stage: Arc<Stage>, number: usize, mut random: StdRng, over: Arc<AtomicBool>) {
    let name = format!("worker-{number}");
    while !over.load(Ordering::Relaxed) {
        let mode = if random.random() { QueueMode::Fifo } else { QueueMode::RoundRobin };
        match queue::claim_next(&stage.pool, &name, mode, LEASE).await.unwrap() {
            Some(item) => {
                stage.told().claims.push((item.item_id, item.fence));
                run(&stage, item, &mut random).await;
            }
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// One item: done, failed, handed back, or left behind by a crash.
async fn run(stage: &Stage, item: ClaimedItem, random: &mut StdRng) {
    let pool = &stage.pool;
    if random.random_ratio(1, 3) {
        let beat = queue::heartbeat(pool, item.item_id, item.fence, LEASE).await.unwrap();
        if beat == Heartbeat::Canceled {
            let outcome = Outcome::Canceled { session: json!({}) };
            tolerate(queue::finish(pool, item.item_id, item.fence, outcome).await);
            return;
        }
    }
    match random.random_range(0..10) {
        0 => {}
        1 => {
            // Too slow: whoever has the item now must not be disturbed.
            tokio::time::sleep(LEASE * 2).await;
            tolerate(queue::finish(pool, item.item_id, item.fence, completed()).await);
        }
        2 => {
            tolerate(queue::hand_back(pool, item.item_id, item.fence).await);
        }
        3 => {
            let text = || "x".to_owned();
            let (error_type, error_message, error_traceback) = (text(), text(), text());
            let outcome = Outcome::Failed { session: json!({}), error_type, error_message, error_traceback };
            tolerate(queue::finish(pool, item.item_id, item.fence, outcome).await);
        }
        _ => {
            if tolerate(queue::finish(pool, item.item_id, item.fence, completed()).await).is_some() {
                stage.told().completed.insert(item.item_id);
            }
        }
    }
}

async fn reaper(stage: Arc<Stage>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        queue::reap_expired(&stage.pool).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Compares in one snapshot; returns how often it did.
async fn auditor(stage: Arc<Stage>, over: Arc<AtomicBool>) -> usize {
    let mut looks = 0;
    while !over.load(Ordering::Relaxed) {
        let wrong: i64 = sqlx::query_scalar(
            "select count(*) from (
                select queue_id, user_id, status, sum(items)::bigint as items from queue_counts
                group by 1, 2, 3 having sum(items) <> 0
            ) as told full join (
                select queue_id, user_id, status, count(*) as items from queue_items group by 1, 2, 3
            ) as real using (queue_id, user_id, status) where told.items is distinct from real.items",
        )
        .fetch_one(&stage.pool)
        .await
        .unwrap();
        assert_eq!(wrong, 0, "counts are the rows' numbers at any moment");
        looks += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    looks
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn nothing_is_lost_or_done_twice(pool_options: PgPoolOptions, options: PgConnectOptions) {
    let connections = (PEOPLE + WORKERS + 4) as u32;
    let pool = pool_options.max_connections(connections).connect_with(options).await.unwrap();
    sqlx::raw_sql(AUDIT).execute(&pool).await.unwrap();
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let stage = Arc::new(Stage { pool: pool.clone(), told: Mutex::default() });
    let over = Arc::new(AtomicBool::new(false));

    let people: Vec<_> = (0..PEOPLE)
        .map(|number| tokio::spawn(person(stage.clone(), number, StdRng::from_rng(&mut random))))
        .collect();
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            tokio::spawn(worker(stage.clone(), number, StdRng::from_rng(&mut random), over.clone()))
        })
        .collect();
    let reaper = tokio::spawn(reaper(stage.clone(), over.clone()));
    let auditor = tokio::spawn(auditor(stage.clone(), over.clone()));
    for person in people {
        person.await.unwrap();
    }
    drain(&pool).await;
    over.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.unwrap();
    }
    reaper.await.unwrap();
    assert!(auditor.await.unwrap() > 5);
    check(&stage).await;
}

/// Waits until nothing waits or runs.
async fn drain(pool: &PgPool) {
    for _ in 0..1_200 {
        let status = queue::queue_status(pool, &account(0), QUEUE).await.unwrap();
        if status.counts.pending + status.counts.in_progress == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the queue does not drain");
}

#[derive(sqlx::FromRow)]
struct Change {
    item_id: i64,
    old_status: Option<String>,
    new_status: Option<String>,
    old_fence: Option<i64>,
    new_fence: Option<i64>,
    old_sequence: Option<i64>,
    new_sequence: Option<i64>,
    attempt: Option<i32>,
}

async fn check(stage: &Stage) {
    let told = std::mem::take(&mut *stage.told());
    let claims: HashSet<_> = told.claims.iter().collect();
    assert_eq!(claims.len(), told.claims.len(), "no item was claimed twice under one number");

    let changes: Vec<Change> =
        sqlx::query_as("select * from audit order by id").fetch_all(&stage.pool).await.unwrap();
    let mut state: HashMap<i64, Option<String>> = HashMap::new();
    for change in &changes {
        assert_legal(change);
        state.insert(change.item_id, change.new_status.clone());
    }
    assert!(told.completed.len() > 20, "there was something to see: {}", told.completed.len());
    for id in &told.enqueued {
        let last = state.get(id).expect("an acknowledged item has been there");
        assert!(
            matches!(last.as_deref(), None | Some("completed" | "failed" | "canceled")),
            "item {id} ended or was deleted, not {last:?}"
        );
    }
    for id in &told.completed {
        let ends = changes.iter().filter(|change| change.item_id == *id && ended(&change.new_status)).count();
        assert!(ends >= 1, "what was acknowledged as completed was recorded");
    }
    let rows: i64 =
        sqlx::query_scalar("select count(*) from queue_items").fetch_one(&stage.pool).await.unwrap();
    let left = state.values().flatten().count();
    assert_eq!(rows as usize, left);
    let status = queue::queue_status(&stage.pool, &account(0), QUEUE).await.unwrap();
    assert_eq!(status.counts.total, rows);
    let sessions: i64 =
        sqlx::query_scalar("select count(*) from queue_sessions").fetch_one(&stage.pool).await.unwrap();
    assert_eq!(sessions, rows, "each item has its session");
}

fn ended(status: &Option<String>) -> bool {
    matches!(status.as_deref(), Some("completed" | "failed" | "canceled"))
}

fn assert_legal(change: &Change) {
    let (Some(old), Some(new)) = (change.old_status.as_deref(), change.new_status.as_deref()) else {
        if change.old_status.is_none() {
            assert_eq!(change.new_status.as_deref(), Some("pending"), "an item begins waiting");
        }
        return;
    };
    let (old_sequence, new_sequence) = (change.old_sequence.unwrap(), change.new_sequence.unwrap());
    let (old_fence, new_fence) = (change.old_fence.unwrap(), change.new_fence.unwrap());
    assert!(new_fence >= old_fence, "fences only rise");
    assert!(change.attempt.unwrap() <= queue::MAX_ATTEMPTS);
    if old == new {
        assert_eq!(old_sequence, new_sequence);
        return;
    }
    assert_eq!(old_sequence + 1, new_sequence, "every change of status is numbered");
    match (old, new) {
        ("pending", "in_progress") => assert_eq!(new_fence, old_fence + 1, "a claim has a number of its own"),
        ("pending", "canceled") | ("in_progress", "pending" | "completed" | "failed" | "canceled") => {}
        _ => panic!("item {} went from {old} to {new}", change.item_id),
    }
}
