//! What an administrator asks of the workers through the API takes effect while they run.
use crate::studio::{PATIENCE, Studio, invoke, root};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{fs::File, time::Duration};

const CACHE: &str = "/api/v1/app/invocation_cache";

/// A studio and the token of its administrator.
struct Asked<'a> {
    studio: &'a Studio,
    token: String,
}

impl<'a> Asked<'a> {
    async fn new(studio: &'a Studio) -> Self {
        Self { studio, token: studio.set_up("a@example.com", "Password-1").await }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let (status, answer) = self.studio.ask(Some(&self.token), method, path, body).await;
        assert!(status == StatusCode::OK || status == StatusCode::CREATED, "{path}: {status} {answer}");
        answer
    }

    /// Asks `path` until the answer is as it should be.
    async fn until(&self, path: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        tokio::time::timeout(PATIENCE, async {
            loop {
                let answer = self.ask(Method::GET, path, None).await;
                if is_so(&answer) {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        })
        .await
        .unwrap_or_else(|_| panic!("{path} never told that {what}"))
    }

    /// Runs the same sum once more.
    async fn run_a_sum(&self) {
        let status = "/api/v1/queue/default/status";
        let done = |status: &Value| status["queue"]["completed"].as_i64().unwrap();
        let before = done(&self.ask(Method::GET, status, None).await);
        let batch = json!({ "batch": { "runs": 1, "graph": { "id": "sum", "edges": [], "nodes": {
            "sum": { "id": "sum", "type": "add", "a": 1, "b": 2, "use_cache": true } } } } });
        self.ask(Method::POST, "/api/v1/queue/default/enqueue_batch", Some(&batch)).await;
        self.until(status, "the sum is computed", |status| done(status) > before).await;
    }
}

#[tokio::test]
async fn the_cache_of_outputs_and_the_level_of_logs_follow_the_administrator() {
    let root = root();
    let log = root.path().join("log");
    let mut command = invoke(root.path());
    command.args(["up", "--port", "0"]).env_remove("RUST_LOG").stderr(File::create(&log).unwrap());
    let studio = Studio::from(command).await;
    let asked = Asked::new(&studio).await;
    let status = format!("{CACHE}/status");

    asked.run_a_sum().await;
    asked.run_a_sum().await;
    let full = asked.until(&status, "the second sum was known", |cache| cache["hits"] == 1).await;
    assert_eq!((&full["size"], &full["misses"], &full["enabled"]), (&json!(1), &json!(1), &json!(true)));

    asked.ask(Method::DELETE, CACHE, None).await;
    asked.until(&status, "the cache is empty", |cache| cache["size"] == 0).await;
    asked.run_a_sum().await;
    asked.until(&status, "the sum is kept again", |cache| cache["size"] == 1).await;

    asked.ask(Method::PUT, &format!("{CACHE}/disable"), None).await;
    asked.until(&status, "it keeps nothing", |cache| cache["enabled"] == false).await;
    let told = |words: &str| std::fs::read_to_string(&log).unwrap().contains(words);
    assert!(!told("DEBUG"), "nobody asked for so much yet");
    asked.ask(Method::POST, "/api/v1/app/logging", Some(&json!(10))).await;
    tokio::time::timeout(PATIENCE, async {
        while !told("logs have the level that an administrator chose") {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await
    .expect("the level changes while it runs");
    let hits = asked.ask(Method::GET, &status, None).await["hits"].clone();
    asked.run_a_sum().await;
    asked.run_a_sum().await;
    assert_eq!(
        asked.ask(Method::GET, &status, None).await["hits"],
        hits,
        "a cache that is off knows nothing"
    );
    studio.stop().await;
}
