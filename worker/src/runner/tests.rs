//! The runner on a real database, with recorded graphs over the tiny models.
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::account::{CurrentUser, SYSTEM_USER_ID};
use domain::batch::Batch;
use image::DynamicImage;
use serde_json::{Value, json};
use sqlx::PgPool;
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
        let batch = Batch::parse(json!({ "graph": graph, "runs": 1 }), &crate::node_schemas()).unwrap();
        queue::enqueue(&self.pool, &administrator(), "default", &batch, false, 100).await.unwrap().item_ids[0]
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
        let name = item.session["results"][prepared.as_str().unwrap()]["image"]["image_name"].as_str().unwrap();
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
    let squares: f64 = left.iter().zip(right.iter()).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
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
