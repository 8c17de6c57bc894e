//! Names and labels of what belongs to a studio.
use serde_json::{Map, Value};

/// The label with the name of the studio, on every object and pod.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// The label with the part that a pod is.
pub const COMPONENT: &str = "app.kubernetes.io/component";
/// The label with who keeps an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`], and the field manager of every write.
pub const OPERATOR: &str = "invokeai-operator";
/// The label with the pool of a worker.
pub const POOL: &str = "invokeai.dev/pool";
/// The port of the server.
pub const SERVER_PORT: u16 = 9090;
/// The port of PostgreSQL.
pub const DATABASE_PORT: u16 = 5432;

/// The labels by which pods are selected; they never change.
pub fn selector(studio: &str, component: &str) -> Map<String, Value> {
    [("app.kubernetes.io/name", "invokeai"), (INSTANCE, studio), (COMPONENT, component)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect()
}

/// The labels by which a pool's pods are selected.
pub fn pool_selector(studio: &str, pool: &str) -> Map<String, Value> {
    let mut labels = selector(studio, "worker");
    labels.insert(POOL.to_owned(), pool.into());
    labels
}

/// All labels of an object.
pub fn labels(studio: &str, component: &str) -> Map<String, Value> {
    let mut labels = selector(studio, component);
    labels.insert(MANAGED_BY.to_owned(), OPERATOR.into());
    labels.insert("app.kubernetes.io/part-of".to_owned(), "invokeai".into());
    labels
}

/// A selector as `kubectl -l` takes it.
pub fn selector_text(labels: &Map<String, Value>) -> String {
    let pairs = labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    pairs.collect::<Vec<_>>().join(",")
}

/// The Deployment and the Service of the server.
pub fn server(studio: &str) -> String {
    format!("{studio}-server")
}
/// The Deployment of a pool.
pub fn workers(studio: &str, pool: &str) -> String {
    format!("{studio}-worker-{pool}")
}
/// StatefulSet, Service, claim and Secret of the database.
pub fn database(studio: &str) -> String {
    format!("{studio}-database")
}
/// The claim with images.
pub fn images(studio: &str) -> String {
    format!("{studio}-images")
}
/// The claim with models.
pub fn models(studio: &str) -> String {
    format!("{studio}-models")
}
/// The claim with dumps, when images are in S3.
pub fn backups(studio: &str) -> String {
    format!("{studio}-backups")
}
/// The Secret with the key that signs sessions.
pub fn signing_key(studio: &str) -> String {
    format!("{studio}-signing-key")
}
/// The Secret with the first administrator.
pub fn administrator(studio: &str) -> String {
    format!("{studio}-administrator")
}
