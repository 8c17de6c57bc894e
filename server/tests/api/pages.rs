//! The UI's files, compression, security headers, and what probes ask.
use crate::app::{Client, TestApp};
use axum::{body::Body, http::Request};
use sqlx::PgPool;

async fn app_with_pages(pool: PgPool) -> (TestApp, tempfile::TempDir) {
    let ui = tempfile::tempdir().unwrap();
    std::fs::create_dir(ui.path().join("assets")).unwrap();
    std::fs::write(ui.path().join("index.html"), "<!doctype html><title>studio</title>").unwrap();
    std::fs::write(ui.path().join("assets/index-BpMPqZAt.js"), "// code\n".repeat(1000)).unwrap();
    let folder = ui.path().to_owned();
    (TestApp::with(pool, |config| config.ui_dir = Some(folder)).await, ui)
}

async fn get_compressed(client: &Client, path: &str, encoding: &str) -> crate::app::Answer {
    client
        .send_request(Request::get(path).header("accept-encoding", encoding).body(Body::empty()).unwrap())
        .await
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn scripts_are_kept_for_ever_and_pages_never(pool: PgPool) {
    let (app, _ui) = app_with_pages(pool).await;
    let anyone = app.anonymous();
    let script = anyone.get("/assets/index-BpMPqZAt.js").await;
    assert_eq!(script.header("cache-control"), Some("public, max-age=31536000, immutable"));
    for page in ["/", "/index.html", "/login", "/admin/users"] {
        let answer = anyone.get(page).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, Some("no-store")),
            "{page}"
        );
        assert!(String::from_utf8_lossy(&answer.body).contains("studio"));
    }
    assert_eq!(anyone.get("/assets/of-another-version-AAAAAAAA.js").await.status, 404);
    assert!(anyone.get("/../../etc/passwd").await.status.is_success(), "a page of the UI");
    assert!(!String::from_utf8_lossy(&anyone.get("/%2e%2e/%2e%2e/etc/passwd").await.body).contains("root:"));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn texts_are_compressed(pool: PgPool) {
    let (app, _ui) = app_with_pages(pool).await;
    for encoding in ["gzip", "br"] {
        for path in ["/assets/index-BpMPqZAt.js", "/openapi.json"] {
            let answer = get_compressed(&app.anonymous(), path, encoding).await;
            assert_eq!(answer.header("content-encoding"), Some(encoding), "{path}");
        }
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn every_answer_carries_the_security_headers_and_an_id(pool: PgPool) {
    let (app, _ui) = app_with_pages(pool).await;
    let anyone = app.anonymous();
    for path in ["/", "/api/v1/app/version", "/api/v1/boards/", "/api/v1/none", "/openapi.json", "/healthz"] {
        let answer = anyone.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
        assert!(
            answer.header("content-security-policy").unwrap().contains("frame-ancestors 'self'"),
            "{path}"
        );
        assert!(answer.header("content-security-policy").unwrap().contains("object-src 'none'"), "{path}");
        if path.starts_with("/api") {
            assert!(answer.header("x-request-id").unwrap().len() > 30, "{path}");
        }
    }
    let named =
        Request::get("/api/v1/app/version").header("x-request-id", "from-the-proxy-1").body(Body::empty());
    assert_eq!(anyone.send_request(named.unwrap()).await.header("x-request-id"), Some("from-the-proxy-1"));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn probes_and_metrics_answer_without_credentials(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let anyone = app.anonymous();
    assert_eq!(anyone.get("/healthz").await.status, 200);
    assert_eq!(anyone.get("/readyz").await.status, 200);
    anyone.get("/api/v1/images/i/a-name-that-must-not-be-a-label.png").await;
    let metrics = String::from_utf8(anyone.get("/metrics").await.body).unwrap();
    assert!(metrics.contains(r#"route="/api/v1/images/i/{image_name}""#), "{metrics}");
    assert!(!metrics.contains("a-name-that-must-not-be-a-label"));
    assert!(metrics.contains(r#"invoke_queue_items{status="pending"} "#), "{metrics}");
    app.state.pool.close().await;
    assert_eq!(anyone.get("/metrics").await.status, 200);
    assert_eq!(anyone.get("/readyz").await.status, 503);
    assert_eq!(anyone.get("/healthz").await.status, 200);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn failures_tell_clients_nothing(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let user = app.with_user("anna").await;
    sqlx::query("alter table boards rename to hidden").execute(&app.state.pool).await.unwrap();
    let answer = user.get("/api/v1/boards/?all=true").await;
    assert_eq!((answer.status.as_u16(), answer.detail()), (500, serde_json::json!("Internal server error")));
}
