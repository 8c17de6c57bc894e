//! Measures the queue on a real Postgres: `cargo run --release -p store --example queue_bench`, with the server in
//! `DATABASE_URL`. It makes a database of its own, prints one number a line and drops the database.
//!
//! - enqueue of 1,000 items
//! - claims per second with all their writes (claim, result, two events with counts), by 1 and by 32 workers
//! - queue status and list at 50,000 rows, and claims there
use domain::{account::CurrentUser, batch::Batch};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use std::time::{Duration, Instant};
use store::{
    database,
    queue::{self, Outcome, QueueMode},
};

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Failure>;

const QUEUE: &str = "default";
const USERS: usize = 5;
const ROWS: u64 = 50_000;
const LEASE: Duration = Duration::from_secs(60);

fn user(index: usize) -> CurrentUser {
    CurrentUser { user_id: format!("user-{index}"), is_admin: false }
}

/// A graph as large as the Generate tab's, so that rows are as large as real ones.
fn batch(runs: u64) -> Result<Batch> {
    let nodes: serde_json::Map<_, _> = (0..12)
        .map(|index| {
            let id = format!("node-{index}");
            (id.clone(), json!({ "id": id, "type": "integer", "is_intermediate": true, "use_cache": true,
                "value": index, "description": "a field that makes the node as long as a real one usually is" }))
        })
        .collect();
    let body = json!({ "graph": { "id": "graph", "nodes": nodes, "edges": [] }, "runs": runs });
    Ok(serde_json::from_value(body)?)
}

async fn enqueue(pool: &PgPool, owner: usize, runs: u64) -> Result<()> {
    let done = queue::enqueue(pool, &user(owner), QUEUE, &batch(runs)?, false, u64::MAX).await?;
    if done.item_ids.len() as u64 == runs { Ok(()) } else { Err("not everything was enqueued".into()) }
}

/// Claims and finishes until `count` items are done; returns items per second.
async fn work(pool: &PgPool, workers: usize, count: usize, mode: QueueMode) -> Result<f64> {
    let start = Instant::now();
    let tasks: Vec<_> = (0..workers)
        .map(|worker| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let name = format!("worker-{worker}");
                for _ in 0..count / workers {
                    let item = queue::claim_next(&pool, &name, mode, LEASE).await?.ok_or("nothing waits")?;
                    queue::finish(
                        &pool,
                        item.item_id,
                        item.fence,
                        Outcome::Completed { session: item.session },
                    )
                    .await?;
                }
                Ok::<_, Failure>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok((count / workers * workers) as f64 / start.elapsed().as_secs_f64())
}

/// The median time of `read`, in milliseconds.
async fn median<F: Future<Output = Result<()>>>(read: impl Fn() -> F) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..21 {
        let start = Instant::now();
        read().await?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

async fn measure(pool: &PgPool) -> Result<()> {
    let start = Instant::now();
    enqueue(pool, 0, 1_000).await?;
    println!("enqueue of 1,000 items: {:.0} ms", start.elapsed().as_secs_f64() * 1000.0);
    for owner in 1..USERS {
        enqueue(pool, owner, 1_000).await?;
    }
    for workers in [1, 32] {
        let rate = work(pool, workers, 1_600, QueueMode::RoundRobin).await?;
        println!("claims per second with all their writes, {workers} workers: {rate:.0}");
    }

    for part in 0..ROWS / 1_000 - USERS as u64 {
        enqueue(pool, part as usize % USERS, 1_000).await?;
    }
    sqlx::query("analyze").execute(pool).await?;
    let viewer = &user(0);
    let status =
        median(|| async { queue::queue_status(pool, viewer, QUEUE).await.map(drop).map_err(Into::into) })
            .await?;
    println!("status at {ROWS} rows: {status:.2} ms");
    let ids =
        median(|| async { queue::item_ids(pool, viewer, QUEUE, false).await.map(drop).map_err(Into::into) })
            .await?;
    println!("item ids at {ROWS} rows: {ids:.2} ms");
    let all = queue::item_ids(pool, viewer, QUEUE, false).await?;
    let page = &all[20_000..20_100];
    let list =
        median(|| async { queue::summaries(pool, viewer, QUEUE, page).await.map(drop).map_err(Into::into) })
            .await?;
    println!("100 summaries at {ROWS} rows: {list:.2} ms");
    for (mode, name) in [(QueueMode::RoundRobin, "round_robin"), (QueueMode::Fifo, "FIFO")] {
        for workers in [1, 32] {
            let rate = work(pool, workers, 1_600, mode).await?;
            println!("claims per second at {ROWS} rows, {name}, {workers} workers: {rate:.0}");
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("DATABASE_URL")?;
    let name = format!("queue_bench_{}", std::process::id());
    let mut server = PgConnection::connect(&url).await?;
    sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut server).await?;
    let (address, query) =
        url.split_once('?').map_or((url.as_str(), String::new()), |(a, q)| (a, format!("?{q}")));
    let (address, _) = address.rsplit_once('/').ok_or("DATABASE_URL names no database")?;
    let pool = database::connect(&format!("{address}/{name}{query}"), 40).await?;
    database::migrate(&pool).await?;
    let result = measure(&pool).await;
    pool.close().await;
    sqlx::query(sqlx::AssertSqlSafe(format!("drop database {name} with (force)")))
        .execute(&mut server)
        .await?;
    result
}
