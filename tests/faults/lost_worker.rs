//! 200 items of 5 people, two workers, one of them killed with SIGKILL half-way: all 200 are completed, none is
//! recorded twice, and the order is fair within two turns.
use crate::database::Database;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{collections::HashMap, path::Path, time::Duration};
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

const PEOPLE: usize = 5;
const ITEMS_EACH: usize = 40;
const PATIENCE: Duration = Duration::from_secs(300);

fn invoke(root: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_invoke"));
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("INVOKEAI_")) {
        command.env_remove(key);
    }
    command.env("INVOKEAI_ROOT", root).env("INVOKEAI_DATABASE_URL", url).env("INVOKEAI_LOG_LEVEL", "warning");
    command.kill_on_drop(true);
    command
}

fn start_worker(root: &Path, url: &str) -> Child {
    invoke(root, url).arg("worker").spawn().unwrap()
}

/// A light graph that leaves a picture behind.
fn graph() -> Value {
    json!({
        "id": "graph",
        "nodes": {
            "blank": { "id": "blank", "type": "blank_image", "width": 64, "height": 64, "use_cache": false,
                "is_intermediate": true },
            "small": { "id": "small", "type": "img_resize", "width": 32, "height": 32, "use_cache": false,
                "is_intermediate": false },
        },
        "edges": [{
            "source": { "node_id": "blank", "field": "image" },
            "destination": { "node_id": "small", "field": "image" },
        }],
    })
}

async fn enqueue(pool: &PgPool) {
    for person in 0..PEOPLE {
        sqlx::query("insert into users (user_id, email) values ($1, $1 || '@example.org')")
            .bind(format!("person-{person}"))
            .execute(pool)
            .await
            .unwrap();
        for _ in 0..ITEMS_EACH {
            let session = uuid::Uuid::new_v4().to_string();
            let state = json!({
                "id": session, "graph": graph(), "execution_graph": { "id": "e", "nodes": {}, "edges": [] },
                "executed": [], "executed_history": [], "results": {}, "errors": {},
                "prepared_source_mapping": {}, "source_prepared_mapping": {},
            });
            sqlx::query(
                "with item as (
                    insert into queue_items (queue_id, batch_id, session_id, user_id)
                    values ('default', $2, $1, $2) returning item_id
                ) insert into queue_sessions (item_id, session) select item_id, $3::text::json from item",
            )
            .bind(&session)
            .bind(format!("person-{person}"))
            .bind(state.to_string())
            .execute(pool)
            .await
            .unwrap();
        }
    }
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

const COMPLETED: &str = "select count(*) from queue_items where status = 'completed'";

async fn until_completed(pool: &PgPool, wanted: i64) {
    let reached = timeout(PATIENCE, async {
        while count(pool, COMPLETED).await < wanted {
            sleep(Duration::from_millis(20)).await;
        }
    });
    if reached.await.is_err() {
        let states: Vec<(String, i64, Option<String>)> =
            sqlx::query_as("select status, count(*), min(error_message) from queue_items group by status")
                .fetch_all(pool)
                .await
                .unwrap();
        panic!("{wanted} are not completed in time: {states:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_costs_no_item_and_nobody_their_turn() {
    let database = Database::create().await;
    let root = tempfile::tempdir().unwrap();
    let pool = &database.pool;
    // Any command migrates the database.
    let listed = invoke(root.path(), &database.url).args(["user", "list"]).output().await.unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    sqlx::query("update queue_processor set paused = true").execute(pool).await.unwrap();
    enqueue(pool).await;
    let mut first = start_worker(root.path(), &database.url);
    let mut second = start_worker(root.path(), &database.url);
    sleep(Duration::from_secs(1)).await;
    sqlx::query("update queue_processor set paused = false").execute(pool).await.unwrap();

    let all = (PEOPLE * ITEMS_EACH) as i64;
    until_completed(pool, all / 2).await;
    // In the middle of an item, as a crash is.
    let victim = timeout(PATIENCE, busy_worker(pool)).await.expect("a worker is busy");
    first.kill().await.unwrap();
    until_completed(pool, all).await;

    let workers = count(pool, "select count(distinct worker_id) from queue_items").await;
    assert_eq!(workers, 2, "both had their share ({victim} was busy at the time)");
    assert_recorded_once(pool, all, root.path()).await;
    assert_fair(pool).await;

    let id = second.id().expect("it runs").to_string();
    std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(timeout(PATIENCE, second.wait()).await.expect("it stops").unwrap().success());
    database.drop().await;
}

async fn busy_worker(pool: &PgPool) -> String {
    loop {
        let busy = "select worker_id from queue_items where status = 'in_progress' limit 1";
        if let Some(worker) = sqlx::query_scalar::<_, String>(busy).fetch_optional(pool).await.unwrap() {
            return worker;
        }
    }
}

async fn assert_recorded_once(pool: &PgPool, all: i64, root: &Path) {
    assert_eq!(count(pool, COMPLETED).await, all);
    let ends = count(
        pool,
        "select count(*) from events where name = 'queue_item_status_changed' and payload->>'status' = 'completed'",
    );
    assert_eq!(ends.await, all, "each end was told once");
    let twice = count(
        pool,
        "select count(*) from (select session_id, node_id from images group by 1, 2 having count(*) <> 1) as twice",
    );
    assert_eq!(twice.await, 0, "no picture is there twice");
    assert_eq!(count(pool, "select count(*) from images").await, all * 2);
    let files = std::fs::read_dir(root.join("outputs/images")).unwrap().flatten();
    let pictures = files.filter(|file| file.path().extension().is_some_and(|end| end == "png")).count();
    // A worker that is killed between a picture's file and its row leaves the file.
    assert!((all * 2..=all * 2 + 1).contains(&(pictures as i64)), "{pictures} files");
}

/// While everybody still has items waiting, nobody is more than two turns ahead of anybody.
async fn assert_fair(pool: &PgPool) {
    let served: Vec<String> = sqlx::query_scalar(
        "select user_id from events where name = 'queue_item_status_changed' and payload->>'status' = 'in_progress'
        order by (payload->>'started_at'), id",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut turns: HashMap<&str, usize> = HashMap::new();
    for (place, person) in served.iter().enumerate() {
        *turns.entry(person).or_default() += 1;
        let most = turns.values().max().copied().unwrap_or(0);
        if most >= ITEMS_EACH {
            break;
        }
        let least = if turns.len() < PEOPLE { 0 } else { turns.values().min().copied().unwrap_or(0) };
        assert!(most - least <= 2, "after {place} starts: {turns:?}");
    }
}
