//! The caches of workers, the level of logs, recalled parameters, installations that are given up.
use crate::app::TestApp;
use serde_json::json;
use server::routes::runtime_config;
use sqlx::PgPool;
use store::{
    caches::{self, NodeCacheNumbers},
    workers::{self, Presence},
};

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_numbers_of_all_workers_are_one_and_a_wish_reaches_them(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_admin("admin").await;
    for (worker_id, entries, hits) in [("one", 3, 10), ("two", 1, 1), ("two", 2, 5)] {
        let node_cache = NodeCacheNumbers { entries, max_entries: 512, hits, misses: 4 };
        let worker = Presence { worker_id: worker_id.into(), node_cache, ..Presence::default() };
        workers::announce(&app.state.pool, &worker).await.unwrap();
    }
    let status = admin.get("/api/v1/app/invocation_cache/status").await.json();
    let expected = json!({ "size": 5, "hits": 15, "misses": 8, "enabled": true, "max_size": 1024 });
    assert_eq!(status, expected);
    assert_eq!(admin.put("/api/v1/app/invocation_cache/disable", json!(null)).await.status, 200);
    assert_eq!(admin.get("/api/v1/app/invocation_cache/status").await.json()["enabled"], false);
    let before = caches::control(&app.state.pool).await.unwrap();
    assert_eq!(admin.delete("/api/v1/app/invocation_cache").await.status, 200);
    assert_eq!(admin.post("/api/v2/models/empty_model_cache", json!(null)).await.status, 200);
    let after = caches::control(&app.state.pool).await.unwrap();
    assert!(!after.node_cache_enabled);
    assert_eq!(after.node_cache_cleared, before.node_cache_cleared + 1);
    assert_eq!(after.model_cache_cleared, before.model_cache_cleared + 1);
    workers::depart(&app.state.pool, "one").await.unwrap();
    assert_eq!(admin.get("/api/v1/app/invocation_cache/status").await.json()["size"], 2);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_level_of_logs_is_kept_and_nonsense_refused(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_admin("admin").await;
    assert_eq!(admin.get("/api/v1/app/logging").await.json(), 20);
    assert_eq!(admin.post("/api/v1/app/logging", json!(10)).await.json(), 10);
    assert_eq!(admin.get("/api/v1/app/logging").await.json(), 10);
    assert_eq!(admin.post("/api/v1/app/logging", json!(11)).await.status, 422);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_history_of_the_queue_is_as_long_as_an_administrator_says(pool: PgPool) {
    const PATH: &str = "/api/v1/app/runtime_config";
    let app = TestApp::init(pool).await;
    let (admin, anna) = (app.with_admin("admin").await, app.with_user("anna").await);
    let number = json!({ "batch": { "runs": 4, "graph": { "id": "g", "edges": [], "nodes": {
        "one": { "id": "one", "type": "integer", "value": 1 } } } } });
    let sorted = |ids: &serde_json::Value| {
        let mut ids: Vec<i64> =
            ids.as_array().unwrap().iter().filter_map(serde_json::Value::as_i64).collect();
        ids.sort_unstable();
        ids
    };
    let ids = anna.post("/api/v1/queue/default/enqueue_batch", number).await.json()["item_ids"].clone();
    let ids = sorted(&ids);
    for id in &ids[..3] {
        anna.put(&format!("/api/v1/queue/default/i/{id}/cancel"), json!(null)).await;
    }
    let left = async || {
        runtime_config::shorten_history(&app.state.pool).await.unwrap();
        sorted(&anna.get("/api/v1/queue/default/item_ids").await.json()["item_ids"])
    };
    assert_eq!(admin.get(PATH).await.json()["config"]["max_queue_history"], json!(null));
    assert_eq!(left().await, ids, "nobody said how long");
    let changed = admin.patch(PATH, json!({ "max_queue_history": 1 })).await.json();
    assert_eq!(changed["config"]["max_queue_history"], 1);
    assert!(changed["set_fields"].as_array().unwrap().contains(&json!("max_queue_history")));
    assert_eq!(left().await, ids[2..], "the newest that ended, and what waits");
    // What is not named stays; null keeps all again.
    let same = admin.patch(PATH, json!({ "image_subfolder_strategy": "flat" })).await.json();
    assert_eq!(same["config"]["max_queue_history"], 1);
    let all = admin.patch(PATH, json!({ "max_queue_history": null })).await.json();
    assert_eq!(all["config"]["max_queue_history"], json!(null));
    for refused in [
        json!({ "max_queue_history": -1 }),
        json!({ "image_subfolder_strategy": "date" }),
        json!({ "generation_devices": ["cuda:1"] }),
    ] {
        assert_eq!(admin.patch(PATH, refused.clone()).await.status, 422, "{refused}");
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn recalled_parameters_are_ones_own_and_tell_nothing_of_others_images(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let (anna, ben) = (app.with_user("anna").await, app.with_user("ben").await);
    let upload = [("file", "image/png", crate::world::small_png())];
    let parts: Vec<(&str, &str, &[u8])> = upload.iter().map(|(a, b, c)| (*a, *b, c.as_slice())).collect();
    let path = "/api/v1/images/upload?image_category=user&is_intermediate=false";
    let image = anna.send_form(axum::http::Method::POST, path, &parts).await.json();
    let image = image["image_name"].as_str().unwrap();
    let wanted = json!({ "positive_prompt": "a hill", "steps": 20, "model": "no such model",
        "reference_images": [{ "image_name": image }] });
    let answer = anna.post("/api/v1/recall/default", wanted.clone()).await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    assert_eq!(answer["updated_count"], 4);
    assert_eq!(answer["parameters"]["positive_prompt"], "a hill");
    assert!(answer["parameters"].get("model").is_none(), "an unknown model is left out");
    assert_eq!(answer["parameters"]["reference_images"][0]["image"]["image_name"], image);
    assert_eq!(ben.post("/api/v1/recall/default", wanted).await.status, 403);
    let unknown = json!({ "reference_images": [{ "image_name": "none.png" }] });
    assert_eq!(ben.post("/api/v1/recall/default", unknown).await.status, 403);
    assert_eq!(anna.get("/api/v1/recall/default").await.json()["parameters"]["steps"], 20);
    assert_eq!(ben.get("/api/v1/recall/default").await.json()["parameters"], json!({}));
    let strict = anna.post("/api/v1/recall/default?strict=true", json!({ "steps": 5 })).await.json();
    assert_eq!(strict["parameters"]["loras"], json!([]));
    assert!(strict["parameters"]["width"].is_null());
    for wrong in [json!({ "steps": 0 }), json!({ "width": 8 }), json!({ "nonsense": 1 })] {
        assert_eq!(anna.post("/api/v1/recall/default", wrong).await.status, 422);
    }
    assert_eq!(anna.post("/api/v1/recall/default?strict=true&append=true", json!({})).await.status, 400);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_cancelled_installation_stays_cancelled(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_admin("admin").await;
    let job = json!({ "id": 0, "status": "running", "source": { "path": "/none", "type": "local" } });
    let job = store::model_installs::insert(&app.state.pool, job).await.unwrap();
    let id = job["id"].as_i64().unwrap();
    assert_eq!(admin.delete(&format!("/api/v2/models/install/{id}")).await.status, 201);
    assert!(store::model_installs::is_cancelled(&app.state.pool, id).await.unwrap());
    assert!(!store::model_installs::update(&app.state.pool, id, &job).await.unwrap());
    assert_eq!(admin.get(&format!("/api/v2/models/install/{id}")).await.json()["status"], "cancelled");
    assert_eq!(admin.delete("/api/v2/models/install/999999").await.status, 415);
}
