//! The application under test, and clients that speak to it as one person each.
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use domain::node_schema::NodeSchema;
use serde_json::{Value, json};
use server::{AppState, Config};
use sqlx::PgPool;
use std::net::SocketAddr;
use store::{
    accounts::{self, Account, NewAccount},
    files::ImageFiles,
};
use tempfile::TempDir;
use tower::ServiceExt;

/// A password that keeps the strict rules.
pub(crate) const PASSWORD: &str = "Correct-Horse-7";

pub(crate) struct TestApp {
    pub(crate) state: AppState,
    pub(crate) router: Router,
    _directory: TempDir,
}

/// One person's requests.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) router: Router,
    pub(crate) token: Option<String>,
    pub(crate) cookie: Option<String>,
    pub(crate) address: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl TestApp {
    pub(crate) async fn init(pool: PgPool) -> Self {
        Self::with(pool, |_| ()).await
    }

    pub(crate) async fn with(pool: PgPool, change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config { models_dir: directory.path().join("models"), ..Config::default() };
        change(&mut config);
        let files = ImageFiles::local(&directory.path().join("outputs")).unwrap();
        let state = server::state(config, pool, files, vec![integer_node()]).await.unwrap();
        Self { router: server::router(state.clone()), state, _directory: directory }
    }

    /// A client without credentials.
    pub(crate) fn anonymous(&self) -> Client {
        let address = SocketAddr::from(([10, 0, 0, 1], 4000));
        Client { router: self.router.clone(), token: None, cookie: None, address }
    }

    /// A client with a token of the account.
    pub(crate) fn client_of(&self, account: &Account) -> Client {
        let token = self.state.signing_key.issue(account, false).unwrap();
        Client { token: Some(token), ..self.anonymous() }
    }

    /// A new account, made without the time that hashing takes; it has no usable password.
    pub(crate) async fn account(&self, name: &str, is_admin: bool) -> Account {
        let email = format!("{name}@example.com");
        let new = NewAccount { email: &email, display_name: Some(name), password_hash: "none", is_admin };
        accounts::create(&self.state.pool, &new).await.unwrap()
    }

    pub(crate) async fn with_user(&self, name: &str) -> Client {
        self.client_of(&self.account(name, false).await)
    }

    pub(crate) async fn with_admin(&self, name: &str) -> Client {
        self.client_of(&self.account(name, true).await)
    }

    /// Sets up the administrator `admin@example.com` with [`PASSWORD`] and signs in.
    pub(crate) async fn with_signed_in_admin(&self) -> Client {
        let body = json!({ "email": "admin@example.com", "password": PASSWORD });
        assert_eq!(self.anonymous().post("/api/v1/auth/setup", body.clone()).await.status, 200);
        let answer = self.anonymous().post("/api/v1/auth/login", body).await;
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        Client { token: Some(token), ..self.anonymous() }
    }
}

/// The one node type of these tests.
pub(crate) fn integer_node() -> NodeSchema {
    NodeSchema {
        node_type: "integer",
        name: "IntegerInvocation",
        input: json!({
            "type": "object", "class": "invocation", "title": "Integer Primitive", "version": "1.0.1",
            "properties": {
                "id": { "type": "string" }, "type": { "const": "integer", "type": "string" },
                "value": { "type": "integer", "default": 0 },
            },
            "required": ["type", "id"],
        }),
        output_name: "IntegerOutput",
        output: json!({
            "type": "object", "class": "output",
            "properties": { "value": { "type": "integer" }, "type": { "const": "integer_output" } },
            "required": ["value", "type"],
        })
        .into(),
        definitions: vec![],
    }
}

impl Client {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }
    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(serde_json::to_vec(&body).unwrap())),
            None => request.body(Body::empty()),
        };
        self.send_request(request.unwrap()).await
    }

    /// A form of parts: name, content type, bytes.
    pub(crate) async fn send_form(
        &self,
        method: Method,
        path: &str,
        parts: &[(&str, &str, &[u8])],
    ) -> Answer {
        const BOUNDARY: &str = "part-of-a-form";
        let mut body = Vec::new();
        for (name, kind, data) in parts {
            let file = if *kind == "text/plain" { "" } else { "; filename=\"file\"" };
            body.extend(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n").bytes(),
            );
            body.extend(format!("Content-Type: {kind}\r\n\r\n").bytes());
            body.extend(*data);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, kind);
        self.send_request(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn send_request(&self, mut request: Request<Body>) -> Answer {
        if let Some(token) = &self.token {
            let value = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    /// The body as JSON; `null` when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The text of a refusal.
    pub(crate) fn detail(&self) -> Value {
        self.json()["detail"].clone()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
