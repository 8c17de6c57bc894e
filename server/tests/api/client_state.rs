//! What the UI remembers for each account.
use crate::app::{Client, TestApp};
use serde_json::{Value, json};
use sqlx::PgPool;
use store::models::{self, NewModel};

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_stock_ui_keeps_its_state_as_plain_text(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let anna = app.with_user("anna").await;
    let path = "/api/v1/client_state/default/set_by_key?key=params";
    let request = axum::http::Request::post(path)
        .header("content-type", "text/plain;charset=UTF-8")
        .body(r#"{"steps":20}"#.into());
    let answer = anna.send_request(request.unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!(r#"{"steps":20}"#)));
    let kept = anna.get("/api/v1/client_state/default/get_by_key?key=params").await.json();
    assert_eq!(kept, json!(r#"{"steps":20}"#));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_new_account_begins_with_the_default_settings_of_the_only_main_model(pool: PgPool) {
    let app = TestApp::init(pool.clone()).await;
    let (anna, bob) = (app.with_user("anna").await, app.with_user("bob").await);
    let path = "/api/v1/client_state/default/get_by_key?key=params";
    let told = async |who: &Client| -> Value {
        serde_json::from_str(who.get(path).await.json().as_str().unwrap()).unwrap()
    };
    let infill_only = json!({ "_version": 5, "infillMethod": "cv2" });
    assert_eq!(told(&anna).await, infill_only, "no model, but an infill that is here");

    models::insert(&pool, &main_model("small")).await.unwrap();
    let ratio = json!({"id": "1:1", "value": 1.0, "isLocked": false});
    let expected = json!({
        "_version": 5,
        "infillMethod": "cv2",
        "model": {"key": "small", "hash": "blake3:small", "name": "small", "base": "sd-1", "type": "main"},
        "dimensions": {"width": 128, "height": 128, "aspectRatio": ratio},
        "steps": 20,
        "scheduler": "euler",
        "cfgScale": 5.0,
    });
    assert_eq!(told(&anna).await, expected);
    let other = "/api/v1/client_state/default/get_by_key?key=gallery";
    assert_eq!(anna.get(other).await.json(), Value::Null, "other keys have nothing to begin with");

    anna.post("/api/v1/client_state/default/set_by_key?key=params", json!("mine")).await;
    assert_eq!(anna.get(path).await.json(), json!("mine"), "what the account kept wins");

    models::insert(&pool, &main_model("another")).await.unwrap();
    assert_eq!(told(&bob).await, infill_only, "among several models the UI chooses");
}

fn main_model(name: &str) -> NewModel {
    NewModel::from_config(json!({
        "key": name, "hash": format!("blake3:{name}"), "name": name, "base": "sd-1", "type": "main",
        "format": "diffusers", "path": format!("/models/{name}"),
        "default_settings": {
            "width": 128, "height": 128, "steps": 20, "scheduler": "euler", "cfg_scale": 5.0, "guidance": null,
        },
    }))
    .unwrap()
}
