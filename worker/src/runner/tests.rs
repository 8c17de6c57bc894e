//! The runner on a real database, with recorded graphs over the tiny models.
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::account::{CurrentUser, SYSTEM_USER_ID};
use domain::batch::Batch;
use image::DynamicImage;
use serde_json::{Value, json};
use sqlx::PgPool;
use store::accounts::NewAccount;
use store::events::{Cursor, Event};
use store::files::ImageFiles;
use store::models::NewModel;
use store::queue::{self, QueueItem};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Settings;

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens")
}

fn administrator() -> CurrentUser {
    CurrentUser { user_id: SYSTEM_USER_ID.into(), is_admin: true }
}

/// A studio with a worker, without a server.
struct Studio {
    pool: PgPool,
    files: ImageFiles,
    stop: CancellationToken,
    worker: JoinHandle<()>,
    _folder: TempDir,
}

impl Studio {
    async fn start(pool: &PgPool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = ImageFiles::local(folder.path()).unwrap();
        for (name, kind, format) in [("tiny-sd1s", "main", "diffusers"), ("tiny-vae", "vae", "diffusers")] {
            store::models::insert(pool, &model(name, kind, format)).await.unwrap();
        }
        let stop = CancellationToken::new();
        let settings = Settings { grace: Duration::from_millis(200), ..Settings::default() };
        let worker = tokio::spawn(super::run(settings, pool.clone(), files.clone(), stop.clone()));
        Self { pool: pool.clone(), files, stop, worker, _folder: folder }
    }

    async fn enqueue(&self, graph: Value) -> i64 {
        self.enqueue_as(&administrator(), graph).await
    }

    async fn enqueue_as(&self, user: &CurrentUser, graph: Value) -> i64 {
        let batch = Batch::parse(json!({ "graph": graph, "runs": 1 }), &crate::node_schemas()).unwrap();
        queue::enqueue(&self.pool, user, "default", &batch, false, 100).await.unwrap().item_ids[0]
    }

    async fn person(&self, email: &str) -> CurrentUser {
        let new = NewAccount { email, display_name: None, password_hash: "none", is_admin: false };
        let account = store::accounts::create(&self.pool, &new).await.unwrap();
        CurrentUser { user_id: account.user_id, is_admin: false }
    }

    /// Waits until the item reports progress.
    async fn progress(&self, item_id: i64) -> Event {
        let began = Instant::now();
        loop {
            let progress = store::events::progress_of(&self.pool, item_id).await.unwrap();
            if let Some(progress) = progress.filter(|progress| !progress.payload["image"].is_null()) {
                return progress;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "no progress");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Events up to the one that is awaited.
    async fn events(&self, cursor: &mut Cursor, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let began = Instant::now();
        let mut found = Vec::new();
        while !found.iter().any(&is_last) {
            found.extend(store::events::after(&self.pool, cursor, 100).await.unwrap());
            assert!(began.elapsed() < Duration::from_secs(10), "the event does not come");
            sleep(Duration::from_millis(20)).await;
        }
        found
    }

    async fn item(&self, item_id: i64) -> QueueItem {
        queue::get(&self.pool, &administrator(), "default", item_id).await.unwrap()
    }

    /// The item once it has one of these statuses.
    async fn reaches(&self, item_id: i64, statuses: &[&str]) -> QueueItem {
        let began = Instant::now();
        loop {
            let item = self.item(item_id).await;
            if statuses.contains(&item.status.as_str()) {
                return item;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "the item is {}", item.status);
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn picture(&self, item: &QueueItem, node: &str) -> DynamicImage {
        let prepared = &item.session["source_prepared_mapping"][node][0];
        let name =
            item.session["results"][prepared.as_str().unwrap()]["image"]["image_name"].as_str().unwrap();
        image::load_from_memory(&self.files.image(name).await.unwrap()).unwrap()
    }

    async fn end(self) {
        self.stop.cancel();
        self.worker.await.unwrap();
    }
}

fn model(name: &str, kind: &str, format: &str) -> NewModel {
    let path = goldens().join("models").join(name);
    let config = json!({ "key": name, "hash": format!("blake3:{name}"), "base": "sd-1", "type": kind, "format": format,
        "name": name, "path": path.to_str().unwrap() });
    NewModel::from_config(config).unwrap()
}

/// A recorded graph, its models filled in.
fn recorded(name: &str) -> Value {
    let text = std::fs::read_to_string(goldens().join(format!("data/{name}.json"))).unwrap();
    let mut graph = serde_json::from_str::<Value>(&text).unwrap()["graph"].take();
    for node in graph["nodes"].as_object_mut().unwrap().values_mut() {
        for value in node.as_object_mut().unwrap().values_mut() {
            if let Some(name) = value.as_str().and_then(|text| text.strip_prefix("@model/")) {
                *value = json!({ "key": name, "hash": "", "name": name, "base": "sd-1", "type": "main" });
            }
        }
    }
    graph
}

fn similarity(left: &DynamicImage, right: &DynamicImage) -> f64 {
    let (left, right) = (left.to_rgb8(), right.to_rgb8());
    let squares: f64 =
        left.iter().zip(right.iter()).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * left.len() as f64 / squares.max(1e-9)).log10()
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_recorded_graph_gives_the_recorded_picture(pool: PgPool) {
    let studio = Studio::start(&pool).await;
    let item_id = studio.enqueue(recorded("generation/t2i-euler")).await;
    let item = studio.reaches(item_id, &["completed", "failed", "canceled"]).await;
    assert_eq!(item.status, "completed", "{:?}", item.error_traceback);
    let expected = image::open(goldens().join("data/generation/t2i-euler~i.0.png")).unwrap();
    let psnr = similarity(&studio.picture(&item, "i").await, &expected);
    assert!(psnr >= 55.0, "{psnr}");
    studio.end().await;
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn nodes_report_in_order_and_the_image_is_recorded_as_upstream_does(pool: PgPool) {
    let studio = Studio::start(&pool).await;
    let mut cursor = store::events::now(&pool).await.unwrap();
    let mut graph = recorded("generation/t2i-euler");
    graph["nodes"]["i"]["is_intermediate"] = json!(false);
    graph["nodes"]["i"]["metadata"] = json!({ "positive_prompt": "été", "seed": 1 });
    let item_id = studio.enqueue(graph).await;
    let item = studio.reaches(item_id, &["completed", "failed"]).await;
    assert_eq!(item.status, "completed", "{:?}", item.error_traceback);

    let events = studio
        .events(&mut cursor, |event| {
            event.name == "queue_item_status_changed" && event.payload["status"] == "completed"
        })
        .await;
    let of_nodes: Vec<_> = events.iter().filter(|event| event.name.starts_with("invocation_")).collect();
    assert_eq!(of_nodes.len(), 2 * 7);
    for pair in of_nodes.chunks(2) {
        assert_eq!(
            (pair[0].name.as_str(), pair[1].name.as_str()),
            ("invocation_started", "invocation_complete")
        );
        assert_eq!(pair[0].payload["invocation"]["id"], pair[1].payload["invocation"]["id"]);
        assert_eq!(pair[0].payload["item_id"], item_id);
    }
    let last = &of_nodes.last().unwrap().payload;
    assert_eq!(last["invocation_source_id"], "i");
    assert_eq!(last["result"]["type"], "image_output");
    let loads: Vec<_> = events.iter().filter(|event| event.name == "model_load_complete").collect();
    assert!(loads.iter().any(
        |event| event.payload["submodel_type"] == "unet" && event.payload["config"]["key"] == "tiny-sd1s"
    ));

    let name = last["result"]["image"]["image_name"].as_str().unwrap();
    let row = store::images::get(&pool, &administrator(), name, store::images::Access::Read).await.unwrap();
    assert_eq!((row.width, row.height, row.is_intermediate, row.has_workflow), (128, 128, false, true));
    assert_eq!(row.session_id.as_deref(), Some(item.session_id.as_str()));
    assert_eq!(row.node_id.as_deref(), last["invocation"]["id"].as_str());
    let embedded = store::picture::embedded(&studio.files.image(name).await.unwrap());
    assert_eq!(embedded.metadata.as_deref(), Some(r#"{"positive_prompt":"été","seed":1}"#));
    let graph: Value = serde_json::from_str(&embedded.graph.unwrap()).unwrap();
    assert_eq!(graph["nodes"]["noise"]["seed"], 1);
    studio.end().await;
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_cancel_stops_a_running_item_within_a_second(pool: PgPool) {
    let studio = Studio::start(&pool).await;
    let mut graph = recorded("generation/t2i-euler");
    graph["nodes"]["d"]["steps"] = json!(100_000);
    let item_id = studio.enqueue(graph.clone()).await;
    studio.reaches(item_id, &["in_progress"]).await;
    studio.progress(item_id).await;
    queue::cancel_item(&pool, &administrator(), "default", item_id).await.unwrap();
    let began = Instant::now();
    // The worker is free again when the next item completes.
    let next = studio.enqueue(recorded("generation/noise-decode-a")).await;
    let next = studio.reaches(next, &["completed", "failed"]).await;
    assert_eq!(next.status, "completed", "{:?}", next.error_traceback);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let item = studio.item(item_id).await;
    assert_eq!(item.status, "canceled");
    assert!(
        item.session["results"].as_object().is_some_and(|results| !results.is_empty()),
        "what ran stays known"
    );
    studio.end().await;
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_failing_node_fails_its_item_and_the_worker_goes_on(pool: PgPool) {
    let studio = Studio::start(&pool).await;
    let mut graph = recorded("generation/t2i-euler");
    graph["nodes"]["ml"]["model"]["key"] = json!("gone");
    let mut cursor = store::events::now(&pool).await.unwrap();
    let item_id = studio.enqueue(graph).await;
    let item = studio.reaches(item_id, &["completed", "failed"]).await;
    assert_eq!(item.status, "failed");
    assert_eq!(item.error_type.as_deref(), Some("NotFoundError"));
    assert!(item.error_message.as_deref().is_some_and(|message| message.contains("Unknown model")));
    assert!(item.error_traceback.as_deref().is_some_and(|text| text.contains("main_model_loader")));
    assert_eq!(item.session["errors"].as_object().unwrap().len(), 1);
    let events = studio
        .events(&mut cursor, |event| {
            event.name == "queue_item_status_changed" && event.payload["status"] == "failed"
        })
        .await;
    assert!(
        events
            .iter()
            .any(|event| event.name == "invocation_error" && event.payload["error_type"] == "NotFoundError")
    );
    let next = studio.enqueue(recorded("generation/noise-decode-a")).await;
    assert_eq!(studio.reaches(next, &["completed", "failed"]).await.status, "completed");
    studio.end().await;
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn what_runs_when_the_worker_stops_is_handed_back(pool: PgPool) {
    let studio = Studio::start(&pool).await;
    let mut graph = recorded("generation/t2i-euler");
    graph["nodes"]["d"]["steps"] = json!(100_000);
    let item_id = studio.enqueue(graph).await;
    studio.progress(item_id).await;
    let began = Instant::now();
    studio.stop.cancel();
    studio.worker.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let item = queue::get(&pool, &administrator(), "default", item_id).await.unwrap();
    assert_eq!(item.status, "pending");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn nobody_gets_anothers_image_through_a_node(pool: PgPool) {
    let studio = Studio::start(&pool).await;
    let owner = studio.person("anna@example.org").await;
    let other = studio.person("ben@example.org").await;
    let made = studio.enqueue_as(&owner, recorded("generation/noise-decode-a")).await;
    let made = studio.reaches(made, &["completed", "failed"]).await;
    let prepared = made.session["source_prepared_mapping"]["i"][0].as_str().unwrap();
    let name = made.session["results"][prepared]["image"]["image_name"].as_str().unwrap();
    let node = json!({ "id": "n", "type": "img_resize", "image": { "image_name": name }, "width": 64, "height": 64 });
    let graph = json!({ "id": "g", "nodes": { "n": node }, "edges": [] });
    let own = studio.enqueue_as(&owner, graph.clone()).await;
    assert_eq!(studio.reaches(own, &["completed", "failed"]).await.status, "completed");
    // The same question again, so that a shared cache would answer it.
    let theft = studio.enqueue_as(&other, graph).await;
    let theft = studio.reaches(theft, &["completed", "failed"]).await;
    assert_eq!(theft.status, "failed");
    assert_eq!(theft.error_type.as_deref(), Some("PermissionError"));
    studio.end().await;
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_cache_answers_the_same_question_until_its_image_is_gone(pool: PgPool) {
    let studio = Studio::start(&pool).await;
    let graph = recorded("generation/noise-decode-a");
    let image = async |item_id: i64| {
        let item = studio.reaches(item_id, &["completed", "failed"]).await;
        assert_eq!(item.status, "completed", "{:?}", item.error_traceback);
        let prepared = item.session["source_prepared_mapping"]["i"][0].as_str().unwrap();
        item.session["results"][prepared]["image"]["image_name"].as_str().unwrap().to_owned()
    };
    let first = image(studio.enqueue(graph.clone()).await).await;
    assert_eq!(image(studio.enqueue(graph.clone()).await).await, first);
    store::images::delete(&pool, &administrator(), &first).await.unwrap();
    assert_ne!(image(studio.enqueue(graph.clone()).await).await, first);
    let mut uncached = graph;
    uncached["nodes"]["i"]["use_cache"] = json!(false);
    let third = image(studio.enqueue(uncached.clone()).await).await;
    assert_ne!(image(studio.enqueue(uncached).await).await, third);
    studio.end().await;
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn an_outage_of_the_database_costs_no_result(pool: PgPool) {
    let studio = Studio::start(&pool).await;
    let mut graph = recorded("generation/t2i-euler");
    graph["nodes"]["d"]["steps"] = json!(40);
    let item_id = studio.enqueue(graph).await;
    studio.progress(item_id).await;

    let options = pool.connect_options();
    let name = options.get_database().unwrap().to_owned();
    let server = PgPool::connect_with((*options).clone().database("postgres")).await.unwrap();
    let allow = async |allowed: bool| {
        let statement = format!("alter database \"{name}\" with allow_connections {allowed}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&server).await.unwrap();
    };
    allow(false).await;
    let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
    sqlx::query(end).bind(&name).execute(&server).await.unwrap();
    sleep(Duration::from_secs(4)).await;
    allow(true).await;

    let item = studio.reaches(item_id, &["completed", "failed", "canceled"]).await;
    assert_eq!(item.status, "completed", "{:?}", item.error_traceback);
    studio.picture(&item, "i").await;
    let attempt: i32 = sqlx::query_scalar("select attempt from queue_items where item_id = $1")
        .bind(item_id)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(attempt, 1, "the worker that had it kept it");
    studio.end().await;
}
