//! Secrets that the operator generates, once. What chance makes is given, so that this stays a function of values.
use super::{Input, Manifest, Retention, manifest::labels, names};
use base64::{Engine, engine::general_purpose::STANDARD};
use kube::ResourceExt;
use serde_json::{Map, Value, json};

const KIND: (&str, &str) = ("v1", "Secret");

/// The key that signs sessions.
pub fn signing_key(input: &Input, key: &str) -> Manifest {
    secret(input, names::signing_key(&input.studio.name_any()), "auth", &[("key", key)])
}

/// The first administrator's address and password.
pub fn administrator(input: &Input, password: &str) -> Manifest {
    let email = input.studio.spec.auth.administrator.email();
    let name = names::administrator(&input.studio.name_any());
    secret(input, name, "auth", &[("email", email), ("password", password)])
}

/// The managed database, with the keys of CloudNativePG's `…-app` Secrets.
pub fn database(input: &Input, password: &str) -> Manifest {
    let name = names::database(&input.studio.name_any());
    let host = format!("{name}.{}.svc", input.studio.namespace().unwrap_or_default());
    let port = names::DATABASE_PORT.to_string();
    let uri = format!("postgresql://invokeai:{password}@{host}:{port}/invokeai");
    let data = [
        ("username", "invokeai"),
        ("password", password),
        ("dbname", "invokeai"),
        ("host", &host),
        ("port", &port),
        ("uri", &uri),
    ];
    secret(input, name, "database", &data)
}

fn secret(input: &Input, name: String, component: &str, data: &[(&str, &str)]) -> Manifest {
    let data: Map<String, Value> =
        data.iter().map(|(key, value)| ((*key).to_owned(), STANDARD.encode(value).into())).collect();
    let body = json!({ "type": "Opaque", "data": data });
    Manifest::new(input, KIND, name, labels(input, component), Retention::AsPolicySays, body)
}
