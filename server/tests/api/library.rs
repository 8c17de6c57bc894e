//! Workflows and prompt templates that every studio has.
use crate::{
    app::{Client, TestApp},
    world::{preset, small_png, workflow},
};
use axum::http::Method;
use serde_json::{Value, json};
use server::defaults::synchronize;
use sqlx::PgPool;

const WORKFLOW: &str = "/api/v1/workflows/i/default_text-to-image-sd1";
const PRESET: &str = "/api/v1/style_presets/i/default_photograph";

async fn default_workflows(client: &Client) -> Vec<Value> {
    let listed = client.get("/api/v1/workflows/?categories=default").await.json();
    listed["items"].as_array().unwrap().clone()
}

async fn default_presets(client: &Client) -> Vec<Value> {
    let listed = client.get("/api/v1/style_presets/").await.json();
    let presets = listed.as_array().unwrap().iter();
    presets.filter(|preset| preset["type"] == "default").cloned().collect()
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn servers_that_start_at_once_bring_the_defaults_once_and_everybody_sees_them(pool: PgPool) {
    let app = TestApp::init(pool.clone()).await;
    let user = app.with_user("anna").await;
    assert!(default_workflows(&user).await.is_empty());
    for result in futures::future::join_all((0..4).map(|_| synchronize(&pool))).await {
        result.unwrap();
    }
    let (workflows, presets) = (default_workflows(&user).await, default_presets(&user).await);
    assert_eq!((workflows.len(), presets.len()), (5, 12));
    for listed in &workflows {
        assert_eq!((&listed["user_id"], &listed["is_public"]), (&json!("system"), &json!(false)));
        let id = listed["workflow_id"].as_str().unwrap();
        let whole = user.get(&format!("/api/v1/workflows/i/{id}")).await.json();
        assert_eq!(whole["workflow"]["id"], id);
        assert_eq!(whole["workflow"]["meta"], json!({ "version": "4.0.0", "category": "default" }));
    }
    let found = user.get("/api/v1/workflows/counts_by_tag?tags=Text%20to%20Image&categories=default").await;
    assert_eq!(found.json()["Text to Image"], 4, "the tags are those that the UI filters by");
    for preset in &presets {
        assert!(preset["preset_data"]["positive_prompt"].as_str().unwrap().contains("{prompt}"), "{preset}");
    }

    // The next start finds them as they are.
    assert_eq!(
        app.with_admin("admin").await.put(&format!("{WORKFLOW}/opened_at"), json!({})).await.status,
        200
    );
    let opened = default_workflows(&user).await;
    synchronize(&pool).await.unwrap();
    assert_eq!(default_workflows(&user).await, opened);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_release_changes_and_takes_back_what_an_earlier_one_brought(pool: PgPool) {
    let app = TestApp::init(pool.clone()).await;
    let (user, admin) = (app.with_user("anna").await, app.with_admin("admin").await);
    synchronize(&pool).await.unwrap();
    let (workflows, presets) = (default_workflows(&user).await, default_presets(&user).await);
    let own = user.post("/api/v1/workflows/", json!({ "workflow": workflow("", "own") })).await.json();
    let mut data = preset("of an administrator");
    data["type"] = "default".into();
    let data = data.to_string();
    let parts: [(&str, &str, &[u8]); 1] = [("data", "text/plain", data.as_bytes())];
    let made = admin.send_form(Method::POST, "/api/v1/style_presets/", &parts).await;
    assert_eq!(made.status, 200);

    for statement in [
        "update workflows set name = 'earlier', workflow = '{}' where workflow_id = 'default_text-to-image-sd1'",
        "insert into workflows (workflow_id, user_id, name, category, workflow) \
         values ('default_gone', 'system', 'gone', 'default', '{}')",
        "update style_presets set positive_prompt = 'earlier' where id = 'default_photograph'",
        "insert into style_presets (id, user_id, name, positive_prompt, negative_prompt, type) \
         values ('default_gone', 'system', 'gone', '', '', 'default')",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    synchronize(&pool).await.unwrap();
    let names = |items: Vec<Value>| -> Vec<Value> { items.iter().map(|item| item["name"].clone()).collect() };
    assert_eq!(names(default_workflows(&user).await), names(workflows));
    let mut expected = presets;
    expected.push(made.json());
    expected.sort_by_key(|preset| preset["name"].as_str().unwrap().to_lowercase());
    assert_eq!(default_presets(&user).await, expected);
    let path = format!("/api/v1/workflows/i/{}", own["workflow_id"].as_str().unwrap());
    assert_eq!(user.get(&path).await.status, 200);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn nobody_changes_a_default_workflow(pool: PgPool) {
    let app = TestApp::init(pool.clone()).await;
    let (user, admin) = (app.with_user("anna").await, app.with_admin("admin").await);
    synchronize(&pool).await.unwrap();
    let before = default_workflows(&user).await;
    let disguised = workflow("default_text-to-image-sd1", "mine");
    let picture = small_png();
    let parts: [(&str, &str, &[u8]); 1] = [("image", "image/png", &picture)];
    for client in [&user, &admin] {
        for answer in [
            client.patch(WORKFLOW, json!({ "workflow": disguised })).await,
            client.patch(&format!("{WORKFLOW}/is_public"), json!({ "is_public": true })).await,
            client.send_form(Method::PUT, &format!("{WORKFLOW}/thumbnail"), &parts).await,
            client.delete(&format!("{WORKFLOW}/thumbnail")).await,
            client.delete(WORKFLOW).await,
        ] {
            assert_eq!(answer.status, 403);
        }
    }
    let mut new = workflow("", "new");
    new["meta"]["category"] = "default".into();
    assert_eq!(admin.post("/api/v1/workflows/", json!({ "workflow": new })).await.status, 422);
    assert_eq!(user.put(&format!("{WORKFLOW}/opened_at"), json!({})).await.status, 403);
    assert_eq!(default_workflows(&user).await, before);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn default_templates_are_an_administrators_to_change_until_the_next_start(pool: PgPool) {
    let app = TestApp::init(pool.clone()).await;
    let (user, admin) = (app.with_user("anna").await, app.with_admin("admin").await);
    synchronize(&pool).await.unwrap();
    let before = default_presets(&user).await;
    let data = preset("changed").to_string();
    let parts: [(&str, &str, &[u8]); 1] = [("data", "text/plain", data.as_bytes())];
    assert_eq!(user.send_form(Method::PATCH, PRESET, &parts).await.status, 403);
    assert_eq!(user.delete(PRESET).await.status, 403);
    assert_eq!(default_presets(&user).await, before);
    assert_eq!(admin.send_form(Method::PATCH, PRESET, &parts).await.status, 200);
    assert_eq!(admin.delete("/api/v1/style_presets/i/default_oil").await.status, 200);
    assert_eq!(default_presets(&user).await.len(), before.len() - 2);
    synchronize(&pool).await.unwrap();
    assert_eq!(default_presets(&user).await, before);
}
