//! The parts as a cluster runs them: the migration first, a server with a key from a file, workers with a name.
use crate::studio::{http, invoke, root, run, text};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{path::Path, time::Duration};
use tokio::process::{Child, Command};

/// A database of the test's own.
struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    async fn create() -> Self {
        let server = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres to test on");
        let name = format!("parts_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
        let (address, query) = server.split_once('?').map_or((server.as_str(), ""), |parts| parts);
        let (address, _) = address.rsplit_once('/').expect("a database in the URL");
        let url = format!("{address}/{name}{}{query}", if query.is_empty() { "" } else { "?" });
        Self { server, name, url }
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    async fn drop(self) {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        let drop = AssertSqlSafe(format!("drop database {} with (force)", self.name));
        sqlx::query(drop).execute(&mut connection).await.unwrap();
    }
}

fn with(root: &Path, database: &Database, arguments: &[&str]) -> Command {
    let mut command = invoke(root);
    command.args(arguments).env("INVOKEAI_DATABASE_URL", &database.url);
    command
}

async fn number(connection: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

fn terminate(process: &Child) {
    let id = process.id().expect("it runs").to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
}

#[tokio::test]
async fn the_migration_makes_one_administrator_and_lets_later_ones_be() {
    let (root, database) = (root(), Database::create().await);
    let migrate = || {
        let mut command = with(root.path(), &database, &["migrate"]);
        command
            .env("INVOKEAI_ADMINISTRATOR_EMAIL", "admin@example.com")
            .env("INVOKEAI_BUNDLED_MODELS_DIR", "");
        command
    };
    let without = run(&mut migrate()).await;
    assert!(!without.status.success() && text(&without).contains("INVOKEAI_ADMINISTRATOR_PASSWORD"));
    let password = "Correct-Horse-7";
    for _ in 0..2 {
        let output = run(migrate().env("INVOKEAI_ADMINISTRATOR_PASSWORD", password)).await;
        assert!(output.status.success(), "{}", text(&output));
        assert!(!text(&output).contains(password));
    }
    let mut connection = database.connect().await;
    let administrators = "select count(*) from users where is_admin and user_id <> 'system'";
    assert_eq!(number(&mut connection, administrators).await, 1);

    // As after a downgrade: the database knows a migration that this release does not.
    let later = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, 'of a later release', true, '\\x00', 0)";
    sqlx::query(later).execute(&mut connection).await.unwrap();
    let output = run(&mut migrate()).await;
    assert!(output.status.success(), "{}", text(&output));
    drop(connection);
    database.drop().await;
}

#[tokio::test]
async fn a_worker_tells_of_itself_drains_and_refuses_what_it_cannot_have() {
    let (root, database) = (root(), Database::create().await);
    assert!(run(&mut with(root.path(), &database, &["migrate"])).await.status.success());
    let mut connection = database.connect().await;
    let mut worker = with(root.path(), &database, &["worker", "--drain-seconds", "3"])
        .env("INVOKEAI_WORKER_ID", "pod-1")
        .env("INVOKEAI_WORKER_POOL", "large")
        .env("INVOKEAI_EXECUTION_PROVIDER", "cpu")
        .env("INVOKEAI_PRECISION", "auto")
        .spawn()
        .unwrap();
    let there =
        "select count(*) from workers where worker_id = 'pod-1' and pool = 'large' and device = 'cpu'";
    let announced = tokio::time::timeout(crate::studio::PATIENCE, async {
        while number(&mut connection, there).await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    announced.await.expect("the worker tells of itself");
    terminate(&worker);
    let ended =
        tokio::time::timeout(crate::studio::PATIENCE, worker.wait()).await.expect("it stops").unwrap();
    assert!(ended.success());
    assert_eq!(number(&mut connection, "select count(*) from workers").await, 0, "it signed off");

    for (setting, value, reason) in [
        ("INVOKEAI_EXECUTION_PROVIDER", "cuda", "cuda cannot be had"),
        ("INVOKEAI_PRECISION", "bfloat16", "float16 or float32"),
        ("INVOKEAI_EXECUTION_PROVIDER", "abacus", "abacus"),
    ] {
        let output = run(with(root.path(), &database, &["worker"]).env(setting, value)).await;
        assert!(!output.status.success() && text(&output).contains(reason), "{}", text(&output));
    }
    drop(connection);
    database.drop().await;
}

#[tokio::test]
async fn the_key_that_signs_sessions_comes_from_a_file() {
    let (root, database) = (root(), Database::create().await);
    let file = root.path().join("key");
    std::fs::write(&file, "too short").unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let serve = || {
        let mut command = with(root.path(), &database, &["server", "--port", &port.to_string()]);
        command.env("INVOKEAI_SIGNING_KEY_FILE", &file);
        command
    };
    let output = run(&mut serve()).await;
    assert!(!output.status.success() && text(&output).contains("shorter than 32"), "{}", text(&output));
    std::fs::write(&file, format!("{}\n", "k".repeat(40))).unwrap();
    let mut server = serve().spawn().unwrap();
    let ready = format!("http://127.0.0.1:{port}/readyz");
    let answers = tokio::time::timeout(crate::studio::PATIENCE, async {
        while !http().get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    answers.await.expect("the server answers");
    let mut connection = database.connect().await;
    let kept = "select count(*) from settings where key = 'session_signing_key'";
    assert_eq!(number(&mut connection, kept).await, 0, "no second key is kept in the database");
    terminate(&server);
    assert!(server.wait().await.unwrap().success());
    drop(connection);
    database.drop().await;
}
