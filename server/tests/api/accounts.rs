//! Accounts as people and administrators change them.
use crate::app::{Client, PASSWORD, TestApp};
use serde_json::{Value, json};
use sqlx::PgPool;

async fn new_user(admin: &Client, body: Value) -> Value {
    let answer = admin.post("/api/v1/auth/users", body).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()
}

fn path_of(user: &Value) -> String {
    format!("/api/v1/auth/users/{}", user["user_id"].as_str().unwrap())
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn administrators_make_change_and_delete_accounts(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_signed_in_admin().await;
    let ben =
        new_user(&admin, json!({ "email": "ben@example.com", "display_name": "Ben", "password": "x" })).await;
    assert_eq!(
        (&ben["is_admin"], &ben["is_active"], &ben["token_epoch"]),
        (&json!(false), &json!(true), &json!(0))
    );
    let taken =
        admin.post("/api/v1/auth/users", json!({ "email": "BEN@example.com", "password": "x" })).await;
    assert_eq!(taken.status, 400);
    assert_eq!(taken.detail(), "User with email BEN@example.com already exists");

    let changed =
        admin.patch(&path_of(&ben), json!({ "display_name": "Benjamin", "is_admin": true })).await.json();
    assert_eq!((&changed["display_name"], &changed["is_admin"]), (&json!("Benjamin"), &json!(true)));
    let listed = admin.get("/api/v1/auth/users").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 2, "the internal account is not listed");

    assert_eq!(admin.delete(&path_of(&ben)).await.status, 204);
    for answer in [admin.get(&path_of(&ben)).await, admin.delete(&path_of(&ben)).await] {
        assert_eq!((answer.status.as_u16(), answer.detail()), (404, json!("User not found")));
    }
    assert_eq!(admin.patch(&path_of(&ben), json!({})).await.status, 404);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_last_administrator_and_the_internal_account_stay(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_signed_in_admin().await;
    let me = admin.get("/api/v1/auth/me").await.json();
    for answer in [
        admin.patch(&path_of(&me), json!({ "is_admin": false })).await,
        admin.patch(&path_of(&me), json!({ "is_active": false })).await,
        admin.delete(&path_of(&me)).await,
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.detail()),
            (400, json!("Cannot remove the last administrator"))
        );
    }
    let text =
        "The system user cannot be deleted, deactivated, promoted to administrator, or given a password";
    let system = "/api/v1/auth/users/system";
    for answer in [
        admin.patch(system, json!({ "password": PASSWORD })).await,
        admin.patch(system, json!({ "is_active": false })).await,
        admin.delete(system).await,
    ] {
        assert_eq!((answer.status.as_u16(), answer.detail()), (400, json!(text)));
    }
    let other =
        new_user(&admin, json!({ "email": "b@example.com", "password": "x", "is_admin": true })).await;
    assert_eq!(admin.delete(&path_of(&other)).await.status, 204);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn two_administrators_cannot_remove_each_other(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let (one, other) = (app.account("one", true).await, app.account("other", true).await);
    let path = |id: &str| format!("/api/v1/auth/users/{id}");
    let (of_one, of_other) = (app.client_of(&one), app.client_of(&other));
    let (path_of_other, path_of_one) = (path(&other.user_id), path(&one.user_id));
    let (first, second) = tokio::join!(of_one.delete(&path_of_other), of_other.delete(&path_of_one));
    assert!((first.status == 204) != (second.status == 204), "{} and {}", first.status, second.status);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_new_password_ends_all_other_sessions(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_signed_in_admin().await;
    let elsewhere = admin.clone();
    let change = |current: Value| json!({ "current_password": current, "new_password": "Another-Passw0rd" });
    let without = admin.patch("/api/v1/auth/me", change(Value::Null)).await;
    assert_eq!(without.detail(), "Current password is required to set a new password");
    let wrong = admin.patch("/api/v1/auth/me", change(json!("wrong"))).await;
    assert_eq!((wrong.status.as_u16(), wrong.detail()), (400, json!("Current password is incorrect")));

    let changed = admin.patch("/api/v1/auth/me", change(json!(PASSWORD))).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["token_epoch"], 1);
    let refused = elsewhere.get("/api/v1/boards/?all=true").await;
    assert_eq!((refused.status.as_u16(), refused.detail()), (401, json!("User not found or inactive")));
    let token = changed.header("x-refreshed-token").unwrap().to_owned();
    let here = Client { token: Some(token), ..app.anonymous() };
    assert_eq!(here.get("/api/v1/auth/me").await.status, 200);

    let me = path_of(&here.get("/api/v1/auth/me").await.json());
    let reset = here.patch(&me, json!({ "password": PASSWORD })).await;
    assert!(
        reset.header("x-refreshed-token").is_some(),
        "an administrator's own reset does not sign them out"
    );
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn rights_change_at_once_and_without_a_new_login(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_admin("admin").await;
    let account = app.account("ben", false).await;
    let ben = app.client_of(&account);
    let path = format!("/api/v1/auth/users/{}", account.user_id);
    assert_eq!(ben.get("/api/v1/auth/users").await.status, 403);
    admin.patch(&path, json!({ "is_admin": true })).await;
    assert_eq!(ben.get("/api/v1/auth/users").await.status, 200);
    admin.patch(&path, json!({ "is_admin": false })).await;
    let refused = ben.get("/api/v1/auth/users").await;
    assert_eq!((refused.status.as_u16(), refused.detail()), (403, json!("Admin privileges required")));
    admin.patch(&path, json!({ "is_active": false })).await;
    assert_eq!(ben.get("/api/v1/auth/me").await.detail(), "User account is inactive or does not exist");
    admin.patch(&path, json!({ "is_active": true })).await;
    assert_eq!(ben.get("/api/v1/auth/me").await.status, 401, "old sessions stay ended");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn strict_rules_refuse_weak_passwords_and_lenient_ones_only_none(pool: PgPool) {
    let strict = TestApp::with(pool.clone(), |config| config.strict_password_checking = true).await;
    let lenient = TestApp::init(pool).await;
    let account = strict.account("admin", true).await;
    let refuse = async |app: &TestApp, password: &str| {
        let body = json!({ "email": "weak@example.com", "password": password });
        let answer = app.client_of(&account).post("/api/v1/auth/users", body).await;
        (answer.status.as_u16(), answer.detail())
    };
    let short = json!("Password must be at least 8 characters long");
    let simple = json!("Password must contain uppercase, lowercase, and numbers");
    assert_eq!(refuse(&strict, "Aa1").await, (400, short));
    for password in ["alllower1", "ALLUPPER1", "NoDigitsHere"] {
        assert_eq!(refuse(&strict, password).await, (400, simple.clone()));
    }
    assert_eq!(refuse(&lenient, "").await, (400, json!("Password cannot be empty")));
    assert_eq!(refuse(&lenient, "a").await.0, 201);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn generated_passwords_keep_the_strict_rules(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let ben = app.with_user("ben").await;
    let password =
        ben.get("/api/v1/auth/generate-password").await.json()["password"].as_str().unwrap().to_owned();
    assert_eq!(password.len(), 16);
    assert!(server::session::password::check_strength(&password, true).is_ok());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn bodies_that_do_not_fit_are_refused_in_upstreams_shape(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_admin("admin").await;
    for body in
        [json!({}), json!({ "email": 3, "password": "x" }), json!({ "email": "no-address", "password": "x" })]
    {
        let answer = admin.post("/api/v1/auth/users", body).await;
        assert_eq!(answer.status, 422);
        let problem = &answer.detail()[0];
        assert!(
            problem["loc"].is_array() && problem["msg"].is_string() && problem["type"].is_string(),
            "{problem}"
        );
    }
}
