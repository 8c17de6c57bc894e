use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Generous: the machine may be busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A root directory that also Postgres's own account may pass through.
pub(crate) fn root() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

/// `invoke …` without the settings of whoever runs the tests.
pub(crate) fn invoke(root: &Path) -> Command {
    named("invoke", root)
}

/// The binary under one of its other names.
pub(crate) fn named(name: &str, root: &Path) -> Command {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_invoke"));
    let mut command = Command::new(&program);
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("INVOKEAI_")) {
        command.env_remove(key);
    }
    command.arg0(program.with_file_name(name)).env("INVOKEAI_ROOT", root).kill_on_drop(true);
    command
}

/// A client of HTTP.
pub(crate) fn http() -> reqwest::Client {
    // reqwest wants to know what TLS is made of, though none is spoken here.
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::new()
}

/// A running `invoke up`.
pub(crate) struct Studio {
    pub(crate) process: Child,
    pub(crate) output: Lines<BufReader<ChildStdout>>,
    pub(crate) url: String,
}

impl Studio {
    /// Starts it on a free port and waits until it answers.
    pub(crate) async fn start(root: &Path) -> Self {
        let mut command = invoke(root);
        command.args(["up", "--port", "0"]);
        Self::from(command).await
    }

    /// Starts `command` and waits until it answers.
    pub(crate) async fn from(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = timeout(PATIENCE, async {
            while let Some(line) = output.next_line().await.unwrap() {
                if let Some((_, url)) = line.split_once("InvokeAI studio:") {
                    return url.trim().to_owned();
                }
            }
            panic!("the studio ended without telling its address");
        })
        .await
        .expect("the studio starts in time");
        let studio = Self { process, output, url };
        timeout(PATIENCE, async {
            while !studio.get("/readyz").await.is_ok_and(|answer| answer.status().is_success()) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await
        .expect("the studio is ready in time");
        studio
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        http().get(format!("{}{path}", self.url)).send().await
    }

    /// What it answers to the holder of a token, or to anybody without one; null where that is no JSON.
    pub(crate) async fn ask(
        &self,
        token: Option<&str>,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let mut request = http().request(method, format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Makes the first administrator, and signs them in: their token.
    pub(crate) async fn set_up(&self, email: &str, password: &str) -> String {
        let person = json!({ "email": email, "display_name": "Administrator", "password": password });
        let (status, answer) = self.ask(None, Method::POST, "/api/v1/auth/setup", Some(&person)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let (_, answer) = self.ask(None, Method::POST, "/api/v1/auth/login", Some(&person)).await;
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Whether this address and password sign in.
    pub(crate) async fn signs_in(&self, email: &str, password: &str) -> bool {
        let body = json!({ "email": email, "password": password, "remember_me": false });
        self.ask(None, Method::POST, "/api/v1/auth/login", Some(&body)).await.0.is_success()
    }

    /// Asks it to stop as a service manager does; it must end well.
    pub(crate) async fn stop(mut self) {
        self.signal("TERM");
        let status = timeout(PATIENCE, self.process.wait()).await.expect("it stops in time").unwrap();
        assert!(status.success(), "{status}");
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().expect("it runs").to_string();
        assert!(
            std::process::Command::new("kill").args([format!("-{name}"), id]).status().unwrap().success()
        );
    }
}

/// Runs to the end.
pub(crate) async fn run(command: &mut Command) -> Output {
    timeout(PATIENCE, command.stdin(Stdio::null()).output()).await.expect("it ends in time").unwrap()
}

/// What it printed, both streams.
pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Processes of the private Postgres in `root`.
pub(crate) fn postgres_processes(root: &Path) -> Vec<u32> {
    let data = root.join("postgres");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|process| {
            std::fs::read_link(process.path().join("cwd")).is_ok_and(|directory| directory == data)
        })
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .collect()
}
