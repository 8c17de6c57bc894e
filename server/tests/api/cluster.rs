//! What the operator of a cluster may do with the tokens that it signs itself, and what nobody may do with them.
use crate::{
    app::{Client, TestApp},
    world::{Role, World, batch, upload},
};
use domain::account::{OPERATOR_AUDIENCE, SYSTEM_USER_ID};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use server::session::token::KeyMaterial;
use sqlx::PgPool;
use std::time::Duration;
use store::queue::{self, QueueMode};

const KEY: &str = "the-key-that-operator-and-server-share";
const LOAD: &str = "/api/v1/cluster/load";

/// A studio whose key the operator keeps.
async fn studio(pool: PgPool) -> TestApp {
    TestApp::with(pool, |config| config.signing_key = KeyMaterial::new(KEY)).await
}

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// What a good token says.
fn claims() -> Value {
    json!({
        "user_id": SYSTEM_USER_ID, "is_admin": true, "aud": OPERATOR_AUDIENCE, "iat": now(), "exp": now() + 30,
    })
}

fn signed(claims: &Value, algorithm: Algorithm, key: &str) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
}

fn with_token(app: &TestApp, token: String) -> Client {
    Client { token: Some(token), ..app.anonymous() }
}

fn operator(app: &TestApp) -> Client {
    with_token(app, signed(&claims(), Algorithm::HS256, KEY))
}

/// A token that differs in a few claims.
fn changed(app: &TestApp, changes: Value) -> Client {
    let mut all = claims();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            all.as_object_mut().unwrap().shift_remove(name);
        } else {
            all[name] = value.clone();
        }
    }
    with_token(app, signed(&all, Algorithm::HS256, KEY))
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_operator_reads_the_load_and_keeps_accounts(pool: PgPool) {
    let app = studio(pool).await;
    let operator = operator(&app);
    assert_eq!(operator.get(LOAD).await.status, 200);
    let new = json!({ "email": "ben@example.com", "password": "x" });
    let ben = operator.post("/api/v1/auth/users", new).await;
    assert_eq!(ben.status, 201);
    let path = format!("/api/v1/auth/users/{}", ben.json()["user_id"].as_str().unwrap());
    let changed = operator.patch(&path, json!({ "password": "another", "is_admin": true })).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["is_admin"]), (200, &json!(true)));
    assert!(changed.header("x-refreshed-token").is_none(), "the operator has no session to renew");
    assert_eq!(operator.get("/api/v1/auth/users").await.json().as_array().unwrap().len(), 1);
    let refused = operator.patch("/api/v1/auth/users/system", json!({ "password": "Correct-Horse-7" })).await;
    assert_eq!(refused.status, 400, "its own account stays without a password");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_operator_is_nobody_to_all_other_routes(pool: PgPool) {
    let app = studio(pool).await;
    let operator = operator(&app);
    for path in ["/api/v1/boards/?all=true", "/api/v1/auth/me", "/api/v1/app/runtime_config"] {
        assert_eq!(operator.get(path).await.status, 403, "{path}");
    }
    let enqueue = json!({ "batch": batch("x") });
    for (path, body) in [
        ("/api/v1/queue/default/enqueue_batch", enqueue),
        ("/api/v1/auth/logout", json!({})),
        ("/api/v1/auth/media-cookie", json!({})),
    ] {
        let answer = operator.post(path, body).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.header("x-refreshed-token").is_none());
    }
    assert_eq!(operator.put("/api/v1/queue/default/clear", json!({})).await.status, 403);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn tokens_that_are_not_exactly_the_operators_are_refused(pool: PgPool) {
    let app = studio(pool.clone()).await;
    let misuses = [
        ("no audience, as a session", json!({ "aud": null })),
        ("another audience", json!({ "aud": "somebody" })),
        ("another account", json!({ "user_id": app.account("admin", true).await.user_id })),
        ("no administrator", json!({ "is_admin": false })),
        ("a minute and a second long", json!({ "exp": now() + 61 })),
        ("of a time to come", json!({ "iat": now() + 3600, "exp": now() + 3630 })),
        ("over", json!({ "iat": now() - 31, "exp": now() - 1 })),
        ("longer than it says", json!({ "iat": now() - 3600, "exp": now() + 30 })),
        ("ended before it began", json!({ "iat": now() + 60, "exp": now() + 30 })),
        ("without an end", json!({ "exp": null })),
        ("without a beginning", json!({ "iat": null })),
    ];
    for (name, changes) in misuses {
        assert_eq!(changed(&app, changes).get(LOAD).await.status, 401, "{name}");
    }
    let other_key = signed(&claims(), Algorithm::HS256, "another-key-that-is-long-enough-for-this");
    assert_eq!(with_token(&app, other_key).get(LOAD).await.status, 401);
    assert_eq!(with_token(&app, signed(&claims(), Algorithm::HS512, KEY)).get(LOAD).await.status, 401);
    let good = signed(&claims(), Algorithm::HS256, KEY);
    let cookie = Client { cookie: Some(format!("invokeai_media_token={good}")), ..app.anonymous() };
    assert_eq!(cookie.get(LOAD).await.status, 401, "a cookie is no way in");
    let system = store::accounts::by_id(&pool, SYSTEM_USER_ID).await.unwrap().unwrap();
    assert_eq!(app.client_of(&system).get(LOAD).await.status, 401, "a session of the internal account");

    let alone = TestApp::init(pool).await;
    assert_eq!(operator(&alone).get(LOAD).await.status, 401, "whose key nobody else keeps, has no operator");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn sessions_go_on_with_a_shared_key_and_short_keys_are_refused(pool: PgPool) {
    let app = studio(pool).await;
    let admin = app.with_signed_in_admin().await;
    assert_eq!(admin.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(admin.get(LOAD).await.status, 200);
    assert_eq!(app.with_user("ben").await.get(LOAD).await.status, 403);
    assert!(KeyMaterial::new(" a-key-of-32-bytes-0123456789-abc \n").is_some());
    assert!(KeyMaterial::new("only-31-bytes-0123456789-abcdef").is_none());
    assert_eq!(format!("{:?}", KeyMaterial::new(KEY).unwrap()), "KeyMaterial(…)");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_load_names_what_waits_and_who_works(pool: PgPool) {
    let app = studio(pool.clone()).await;
    let admin = app.with_admin("admin").await;
    for word in ["a", "b", "c"] {
        let answer = admin.post("/api/v1/queue/default/enqueue_batch", json!({ "batch": batch(word) })).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
    }
    for (worker_id, name) in [("one", "default"), ("two", "large")] {
        let worker = store::workers::Presence {
            worker_id: worker_id.into(),
            pool: name.into(),
            device: "cpu".into(),
            version: "0".into(),
            ..Default::default()
        };
        store::workers::announce(&pool, &worker).await.unwrap();
    }
    let lease = Duration::from_secs(60);
    queue::claim_next(&pool, "one", QueueMode::Fifo, lease).await.unwrap().unwrap();
    let load = operator(&app).get(LOAD).await.json();
    assert_eq!((&load["waiting"], &load["running"], &load["paused"]), (&json!(2), &json!(1), &json!(false)));
    assert_eq!(load["busy_workers"], json!(["one"]));
    assert_eq!(
        load["pools"],
        json!([{ "pool": "default", "workers": 1, "busy": 1 }, { "pool": "large", "workers": 1, "busy": 0 }])
    );
    let me = admin.get("/api/v1/auth/me").await.json()["user_id"].clone();
    assert_eq!(load["users"], json!([{ "user_id": me, "waiting": 2, "running": 1 }]));
    assert!((0..60).contains(&load["oldest_wait_seconds"].as_i64().unwrap()));
    assert!(load["workers"][0]["item_id"].is_i64() && load["workers"][1]["item_id"].is_null());

    store::workers::depart(&pool, "two").await.unwrap();
    queue::claim_next(&pool, "unannounced", QueueMode::Fifo, lease).await.unwrap().unwrap();
    let load = operator(&app).get(LOAD).await.json();
    assert_eq!(load["busy_workers"], json!(["one", "unannounced"]));
    assert_eq!(load["pools"].as_array().unwrap().len(), 1);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn what_an_account_made_goes_to_its_heir(pool: PgPool) {
    let world = World::build(pool).await;
    let things = world.things().await;
    let (owner, admin, other) = (&world.owner, world.client(Role::Admin), world.client(Role::Other));
    let heir = other.get("/api/v1/auth/me").await.json()["user_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/cluster/users/{}/reassign", owner.user_id);
    for (to, status) in [("nobody", 404), (owner.user_id.as_str(), 409)] {
        assert_eq!(admin.post(&path, json!({ "to": to })).await.status, status, "to {to}");
    }
    let image = upload(world.client(Role::Owner), "&is_intermediate=false", "word").await;
    let answer = admin.post(&path, json!({ "to": heir })).await.json();
    assert_eq!(answer["boards"], 1, "{answer}");
    assert_eq!((&answer["images"], &answer["workflows"]), (&json!(2), &json!(1)));
    assert_eq!((&answer["style_presets"], &answer["system_prompts"]), (&json!(1), &json!(1)));
    assert_eq!(other.get(&format!("/api/v1/images/i/{image}")).await.status, 200);
    assert_eq!(other.get(&format!("/api/v1/boards/{}", things.board)).await.status, 200);
    let before = world.client(Role::Owner).get(&format!("/api/v1/images/i/{image}")).await;
    assert_eq!(before.status, 403);
    let again = admin.post(&path, json!({ "to": heir })).await.json();
    assert_eq!(again["images"], 0, "a second time nothing is left to give");
}
