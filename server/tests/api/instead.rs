//! What cannot be done here tells people what they can do instead.
use crate::app::TestApp;
use serde_json::json;
use sqlx::PgPool;

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn hugging_face_is_answered_with_how_to_install_a_model_here(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_admin("admin").await;
    for answer in [
        admin.get("/api/v2/models/hugging_face?hugging_face_repo=a/b").await,
        admin.get("/api/v2/models/hf_login").await,
        admin.post("/api/v2/models/hf_login", json!({ "token": "none" })).await,
        admin.get("/api/v2/models/install/huggingface?source=a/b").await,
    ] {
        assert_eq!(answer.status, 501);
        assert!(answer.detail().as_str().unwrap().contains("install it under URL or Local Path"));
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn packs_of_nodes_are_refused_in_the_form_that_the_ui_shows(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_admin("admin").await;
    let source = json!({ "source": "https://example.com/somebody/some-nodes.git/" });
    let answer = admin.post("/api/v2/custom_nodes/install", source).await.json();
    assert_eq!((&answer["name"], &answer["success"]), (&json!("some-nodes"), &json!(false)));
    assert!(answer["message"].as_str().unwrap().starts_with("Nothing was installed"));
    let answer = admin.delete("/api/v2/custom_nodes/some-nodes").await.json();
    assert_eq!(answer["success"], false);
}
