use crate::studio::{PATIENCE, Studio, invoke, named, postgres_processes, root, run, text};
use std::{path::Path, time::Duration};
use tokio::{io::AsyncReadExt, time::timeout};

async fn add_account(root: &Path, email: &str) {
    let mut command = named("invoke-useradd", root);
    let output = run(command.args(["--email", email, "--password", "Passw0rd!", "--admin"])).await;
    assert!(output.status.success(), "{}", text(&output));
}

#[tokio::test]
async fn it_stops_whole_and_a_second_start_finds_everything() {
    let root = root();
    let mut studio = Studio::start(root.path()).await;
    let mut said = String::new();
    while let Ok(Ok(Some(line))) = timeout(Duration::from_millis(500), studio.output.next_line()).await {
        said.push_str(&line);
    }
    assert!(said.contains("first run"), "{said}");
    assert!(!postgres_processes(root.path()).is_empty());
    add_account(root.path(), "anna@example.org").await;
    let refused = studio.get("/api/v1/boards/?all=true").await.unwrap();
    assert_eq!(refused.status().as_u16(), 401, "there are accounts");
    studio.stop().await;
    assert!(postgres_processes(root.path()).is_empty(), "nothing is left running");

    let mut studio = Studio::start(root.path()).await;
    let hint = timeout(Duration::from_millis(500), async {
        while let Ok(Some(line)) = studio.output.next_line().await {
            if line.contains("first run") {
                return;
            }
        }
        std::future::pending().await
    });
    assert!(hint.await.is_err(), "the second run does not ask for a set-up");
    assert!(studio.signs_in("anna@example.org", "Passw0rd!").await);
    studio.stop().await;
}

#[tokio::test]
async fn two_at_once_on_one_directory_are_refused_and_the_first_goes_on() {
    let root = root();
    let studio = Studio::start(root.path()).await;
    let second = run(invoke(root.path()).args(["up", "--port", "0"])).await;
    assert_eq!(second.status.code(), Some(1));
    let message = text(&second);
    let process = studio.process.id().unwrap().to_string();
    assert!(message.contains("in use by another `invoke up`") && message.contains(&process), "{message}");
    assert!(studio.get("/readyz").await.unwrap().status().is_success());
    studio.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_told_before_anything_is_started() {
    let root = root();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(invoke(root.path()).args(["up", "--port", &port])).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains(&format!("cannot listen on 127.0.0.1:{port}")), "{}", text(&output));
    assert!(!root.path().join("postgres").exists());
}

#[tokio::test]
async fn after_a_kill_the_next_start_finds_everything() {
    let root = root();
    let mut studio = Studio::start(root.path()).await;
    add_account(root.path(), "anna@example.org").await;
    studio.process.kill().await.unwrap();
    let left = postgres_processes(root.path());
    assert!(!left.is_empty(), "its Postgres outlives it");

    let mut studio = Studio::start(root.path()).await;
    assert!(studio.signs_in("anna@example.org", "Passw0rd!").await);
    // Now both: the pid file stays, its process does not.
    studio.process.kill().await.unwrap();
    for id in postgres_processes(root.path()) {
        std::process::Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap();
    }
    assert!(root.path().join("postgres/postmaster.pid").exists());
    let studio = Studio::start(root.path()).await;
    assert!(studio.signs_in("anna@example.org", "Passw0rd!").await);
    studio.stop().await;
}

#[tokio::test]
async fn a_database_that_was_cut_off_in_the_making_is_made_again() {
    let root = root();
    let (data, mark) = (root.path().join("postgres"), root.path().join("postgres.making"));
    std::fs::create_dir_all(data.join("base")).unwrap();
    std::fs::write(data.join("PG_VERSION"), "15\n").unwrap();
    std::fs::write(&mark, "").unwrap();
    let studio = Studio::start(root.path()).await;
    assert!(!mark.exists(), "the mark goes when the database is on the disk");
    add_account(root.path(), "anna@example.org").await;
    studio.stop().await;
    let studio = Studio::start(root.path()).await;
    assert!(studio.signs_in("anna@example.org", "Passw0rd!").await, "a made one is kept");
    studio.stop().await;
}

#[tokio::test]
async fn without_its_database_the_studio_ends_and_says_why() {
    let root = root();
    let mut command = invoke(root.path());
    command.args(["up", "--port", "0"]).stderr(std::process::Stdio::piped());
    let mut studio = Studio::from(command).await;
    let postmaster = std::fs::read_to_string(root.path().join("postgres/postmaster.pid")).unwrap();
    let id = postmaster.lines().next().unwrap();
    std::process::Command::new("kill").args(["-KILL", id]).status().unwrap();
    let mut said = String::new();
    let mut errors = studio.process.stderr.take().expect("it is piped");
    let ended = timeout(PATIENCE, async {
        errors.read_to_string(&mut said).await.unwrap();
        studio.process.wait().await.unwrap()
    });
    assert_eq!(ended.await.expect("it ends").code(), Some(1));
    assert!(said.contains("Postgres ended by itself"), "{said}");
}

#[tokio::test]
async fn ctrl_c_stops_it_as_well() {
    let root = root();
    let mut studio = Studio::start(root.path()).await;
    studio.signal("INT");
    let status = timeout(PATIENCE, studio.process.wait()).await.expect("it stops in time").unwrap();
    assert!(status.success());
    assert!(postgres_processes(root.path()).is_empty());
}
