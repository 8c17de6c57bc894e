//! What people type stays out of what is written about them.
use crate::studio::{PATIENCE, Studio, http, invoke, root};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::Connection;
use std::{fs::File, time::Duration};

const DATABASE_PASSWORD: &str = "DatabaseSecret1";
const PASSWORD: &str = "AdministratorSecret1";
const WRONG_PASSWORD: &str = "WrongSecret1";
const NEW_PASSWORD: &str = "SecondPersonsSecret1";
const PROMPT: &str = "a secret garden";

/// The address of the tests' Postgres with a password in it; `trust` does not look at it.
fn with_password(server: &str, database: &str) -> String {
    let (scheme, rest) = server.split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("postgres", authority));
    let host = if host.is_empty() { "localhost" } else { host };
    let (_, query) = path.split_once('?').unwrap_or((path, ""));
    let user = if user.is_empty() { "postgres" } else { user.split(':').next().unwrap() };
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    format!("{scheme}://{user}:{DATABASE_PASSWORD}@{host}/{database}{query}")
}

/// A graph whose second node fails on what the first one gives.
fn batch() -> Value {
    json!({ "batch": { "runs": 1, "graph": { "id": "secret", "nodes": {
        "text": { "id": "text", "type": "string", "value": PROMPT },
        "image": { "id": "image", "type": "img_resize", "width": 8, "height": 8,
            "image": { "image_name": format!("{PROMPT}.png") } },
    }, "edges": [] } } })
}

async fn use_every_secret(studio: &Studio) -> Vec<String> {
    let client = http();
    let at = |path: &str| format!("{}{path}", studio.url);
    let token = studio.set_up("admin@example.com", PASSWORD).await;
    let wrong = json!({ "email": "admin@example.com", "password": WRONG_PASSWORD });
    let (status, _) = studio.ask(None, Method::POST, "/api/v1/auth/login", Some(&wrong)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    // A body that cannot be read, and a password of the wrong type.
    let broken = format!("{{\"email\": \"admin@example.com\", \"password\": \"{PASSWORD}\"");
    let broken =
        client.post(at("/api/v1/auth/login")).header("content-type", "application/json").body(broken);
    assert!(broken.send().await.unwrap().status().is_client_error());
    let listed = json!({ "email": "admin@example.com", "password": [PASSWORD] });
    let (status, _) = studio.ask(None, Method::POST, "/api/v1/auth/login", Some(&listed)).await;
    assert!(status.is_client_error());
    let person = json!({ "email": "ben@example.com", "password": NEW_PASSWORD });
    let (status, _) = studio.ask(Some(&token), Method::POST, "/api/v1/auth/users", Some(&person)).await;
    assert_eq!(status, StatusCode::CREATED);
    // A token where it does not belong.
    let misplaced = at(&format!("/api/v1/no-such-route?token={token}"));
    client.get(misplaced).bearer_auth(format!("{token}x")).send().await.unwrap();
    let enqueue = "/api/v1/queue/default/enqueue_batch";
    assert!(studio.ask(Some(&token), Method::POST, enqueue, Some(&batch())).await.0.is_success());
    tokio::time::timeout(PATIENCE, async {
        loop {
            let path = "/api/v1/queue/default/status";
            let (_, status) = studio.ask(Some(&token), Method::GET, path, None).await;
            if status["queue"]["failed"] == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .expect("the item fails");
    let metrics = studio.get("/metrics").await.unwrap().text().await.unwrap();
    assert!(!metrics.contains("example.com") && !metrics.contains(PROMPT), "{metrics}");
    vec![token]
}

#[tokio::test]
async fn no_secret_and_no_prompt_is_in_the_logs() {
    let root = root();
    let server = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres to test on");
    let name = format!("secrets_{}", uuid::Uuid::new_v4().simple());
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::query(create).execute(&mut connection).await.unwrap();

    let log = root.path().join("log");
    let mut command = invoke(root.path());
    command.args(["up", "--port", "0", "--log-level", "trace"]).env_remove("RUST_LOG");
    command.env("INVOKEAI_DATABASE_URL", with_password(&server, &name)).stderr(File::create(&log).unwrap());
    let studio = Studio::from(command).await;
    let mut secrets = use_every_secret(&studio).await;
    studio.stop().await;

    secrets.extend([DATABASE_PASSWORD, PASSWORD, WRONG_PASSWORD, NEW_PASSWORD, PROMPT].map(String::from));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.lines().count() > 20, "the log tells what happened: {log}");
    let told: Vec<&str> =
        log.lines().filter(|line| secrets.iter().any(|secret| line.contains(secret.as_str()))).collect();
    assert!(told.is_empty(), "{told:#?}");

    let drop = sqlx::AssertSqlSafe(format!("drop database {name} with (force)"));
    sqlx::query(drop).execute(&mut connection).await.unwrap();
}
