use crate::studio::{Studio, http, invoke, root, run, text};
use sqlx::Connection;
use std::path::Path;

fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let held: Vec<_> = (0..COUNT).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    std::array::from_fn(|index| held[index].local_addr().unwrap().port())
}

async fn multiuser(studio: &Studio) -> bool {
    let status: serde_json::Value = studio.get("/api/v1/auth/status").await.unwrap().json().await.unwrap();
    status["multiuser_enabled"].as_bool().unwrap()
}

#[tokio::test]
async fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let root = root();
    let [file, variable, flag] = free_ports();
    let text = format!("# as upstream writes it\nschema_version: 4.0.2\nport: {file}\nmultiuser: false\n");
    std::fs::write(root.path().join("invokeai.yaml"), text).unwrap();

    let mut command = invoke(root.path());
    command.arg("up");
    let studio = Studio::from(command).await;
    assert!(studio.url.ends_with(&format!(":{file}")), "{}", studio.url);
    assert!(!multiuser(&studio).await);
    studio.stop().await;

    let mut command = invoke(root.path());
    command.arg("up").env("INVOKEAI_PORT", variable.to_string()).env("INVOKEAI_MULTIUSER", "true");
    let studio = Studio::from(command).await;
    assert!(studio.url.ends_with(&format!(":{variable}")), "{}", studio.url);
    assert!(multiuser(&studio).await);
    studio.stop().await;

    let mut command = invoke(root.path());
    command.args(["up", "--port", &flag.to_string()]).env("INVOKEAI_PORT", variable.to_string());
    let studio = Studio::from(command).await;
    assert!(studio.url.ends_with(&format!(":{flag}")), "{}", studio.url);
    studio.stop().await;
}

#[tokio::test]
async fn a_wrong_file_is_named() {
    let root = root();
    std::fs::write(root.path().join("invokeai.yaml"), "port: ninety\n").unwrap();
    let output = run(invoke(root.path()).arg("up")).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("invokeai.yaml is not a valid configuration"), "{}", text(&output));
}

#[tokio::test]
async fn an_existing_postgres_is_used_in_place_of_a_private_one() {
    let root = root();
    let server = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres to test on");
    let name = format!("studio_{}", uuid::Uuid::new_v4().simple());
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::query(create).execute(&mut connection).await.unwrap();
    let url = with_database(&server, &name);

    let mut command = invoke(root.path());
    command.args(["up", "--port", "0", "--database-url", &url]);
    let studio = Studio::from(command).await;
    assert!(multiuser(&studio).await);
    assert!(!root.path().join("postgres").exists());
    studio.stop().await;
    serve_and_work_apart(root.path(), &url).await;

    let drop = sqlx::AssertSqlSafe(format!("drop database {name} with (force)"));
    sqlx::query(drop).execute(&mut connection).await.unwrap();
}

/// `invoke server` and `invoke worker`, as a cluster runs them.
async fn serve_and_work_apart(root: &Path, url: &str) {
    let [port] = free_ports();
    let mut server = invoke(root)
        .args(["server", "--port", &port.to_string()])
        .env("INVOKEAI_DATABASE_URL", url)
        .spawn()
        .unwrap();
    let mut worker = invoke(root).arg("worker").env("INVOKEAI_DATABASE_URL", url).spawn().unwrap();
    let ready = format!("http://127.0.0.1:{port}/readyz");
    let answers = tokio::time::timeout(crate::studio::PATIENCE, async {
        while !http().get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    answers.await.expect("the server answers");
    for process in [&mut worker, &mut server] {
        let id = process.id().expect("it runs").to_string();
        std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap();
        let status =
            tokio::time::timeout(crate::studio::PATIENCE, process.wait()).await.expect("it stops").unwrap();
        assert!(status.success(), "{status}");
    }
}

/// `server` with another database's name.
fn with_database(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').map_or((server, ""), |(address, query)| (address, query));
    let (address, _) = address.rsplit_once('/').expect("a database in the URL");
    format!("{address}/{name}{}{query}", if query.is_empty() { "" } else { "?" })
}
