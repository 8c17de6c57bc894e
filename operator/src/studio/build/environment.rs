//! The settings that containers get.
use super::{Input, config_map, names};
use crate::resource::{database::DatabaseKind, workers::WorkerPool};
use kube::ResourceExt;
use serde_json::{Value, json};

fn plain(name: &str, value: impl Into<String>) -> Value {
    json!({ "name": name, "value": value.into() })
}

fn from_secret(name: &str, secret: &str, key: &str) -> Value {
    json!({ "name": name, "valueFrom": { "secretKeyRef": { "name": secret, "key": key } } })
}

/// The Secret and the key with the URL of the database.
pub(super) fn database_secret(input: &Input) -> (String, String) {
    match input.studio.spec.database.kind() {
        DatabaseKind::Managed(_) => (names::database(&input.studio.name_any()), "uri".to_owned()),
        DatabaseKind::External(external) => {
            (external.url_secret_ref.name.clone(), external.url_secret_ref.key_or("uri").to_owned())
        }
    }
}

/// What server, workers and migration share: the database, the files. The rest is in the ConfigMap.
fn shared(input: &Input) -> Vec<Value> {
    let (secret, key) = database_secret(input);
    let mut variables = vec![from_secret("INVOKEAI_DATABASE_URL", &secret, &key)];
    if let Some(secret) =
        input.studio.spec.storage.s3.as_ref().and_then(|s3| s3.credentials_secret_name.as_deref())
    {
        variables.push(from_secret("AWS_ACCESS_KEY_ID", secret, "AWS_ACCESS_KEY_ID"));
        variables.push(from_secret("AWS_SECRET_ACCESS_KEY", secret, "AWS_SECRET_ACCESS_KEY"));
    }
    variables
}

/// The settings that come from the ConfigMap.
pub(super) fn from_config_map(input: &Input) -> Value {
    json!([{ "configMapRef": { "name": config_map::settings_name(input) } }])
}

/// The server's.
pub(super) fn server(input: &Input) -> Vec<Value> {
    let mut variables = shared(input);
    variables.push(plain("INVOKEAI_SIGNING_KEY_FILE", "/run/secrets/invokeai/signing-key/key"));
    if let Some(token) = &input.studio.spec.models.hugging_face_token_secret_ref {
        variables.push(from_secret("HF_TOKEN", &token.name, token.key_or("token")));
    }
    variables
}

/// A worker's.
pub(super) fn worker(input: &Input, pool_name: &str, pool: &WorkerPool) -> Vec<Value> {
    let mut variables = shared(input);
    variables.push(json!({ "name": "INVOKEAI_WORKER_ID", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }));
    variables.push(plain("INVOKEAI_WORKER_POOL", pool_name));
    variables.push(plain("INVOKEAI_EXECUTION_PROVIDER", pool.provider().as_str()));
    variables.push(plain("INVOKEAI_PRECISION", pool.precision.unwrap_or_default().as_str()));
    // Less than Kubernetes' own grace, so that what is not finished is handed back before the kill.
    variables.push(plain("INVOKEAI_DRAIN_SECONDS", (grace(pool) - 5).to_string()));
    variables.push(plain("INVOKEAI_METRICS_ADDRESS", format!("0.0.0.0:{}", names::SERVER_PORT)));
    if let Some(size) = pool.model_cache_gib {
        variables.push(plain("INVOKEAI_MAX_CACHE_RAM_GB", size.to_string()));
    }
    variables
}

/// The grace of a worker, in seconds.
pub(super) fn grace(pool: &WorkerPool) -> i64 {
    pool.termination_grace_seconds.unwrap_or(300)
}

/// The migration's: it also makes the first administrator, before anybody can reach the server.
pub(super) fn migration(input: &Input) -> Vec<Value> {
    let mut variables = shared(input);
    let administrator = &input.studio.spec.auth.administrator;
    variables.push(plain("INVOKEAI_ADMINISTRATOR_EMAIL", administrator.email()));
    let (secret, key) = match &administrator.password_secret_ref {
        Some(reference) => (reference.name.clone(), reference.key_or("password").to_owned()),
        None => (names::administrator(&input.studio.name_any()), "password".to_owned()),
    };
    variables.push(from_secret("INVOKEAI_ADMINISTRATOR_PASSWORD", &secret, &key));
    if input.studio.spec.models.bundled == Some(false) {
        variables.push(plain("INVOKEAI_BUNDLED_MODELS_DIR", ""));
    }
    variables
}
