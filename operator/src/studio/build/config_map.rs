//! ConfigMaps: settings that are no secrets, and how the managed database starts.
use super::{
    Input, Manifest, Retention,
    manifest::{labels, short_digest},
    names,
};
use kube::ResourceExt;
use serde_json::{Map, Value, json};

const DATABASE_START: &str = include_str!("database_start.sh");
const KIND: (&str, &str) = ("v1", "ConfigMap");

/// The name of the ConfigMap with the settings.
pub(super) fn settings_name(input: &Input) -> String {
    format!("{}-settings", input.studio.name_any())
}

/// The name of the ConfigMap with the database's start.
pub(super) fn database_start_name(input: &Input) -> String {
    format!("{}-database-start", input.studio.name_any())
}

fn settings_data(input: &Input) -> Map<String, Value> {
    let settings = &input.studio.spec.server.settings;
    let mut data = Map::new();
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            data.insert(name.to_owned(), value.into());
        }
    };
    set("INVOKEAI_ROOT", Some("/data".into()));
    set("INVOKEAI_OUTPUTS_DIR", Some("/data/outputs".into()));
    set("INVOKEAI_HOST", Some("0.0.0.0".into()));
    set("INVOKEAI_PORT", Some(names::SERVER_PORT.to_string()));
    set("INVOKEAI_LOG_FORMAT", Some("json".into()));
    // Otherwise all people would have the controller's address, and one who mistypes a password would lock out all.
    set("INVOKEAI_BEHIND_PROXY", input.studio.spec.server.ingress.as_ref().map(|_| "true".into()));
    set("INVOKEAI_LOG_LEVEL", settings.log_level.map(|level| level.as_str().into()));
    set("INVOKEAI_MULTIUSER", settings.multiuser.map(|yes| yes.to_string()));
    set("INVOKEAI_STRICT_PASSWORD_CHECKING", settings.strict_password_checking.map(|yes| yes.to_string()));
    set("INVOKEAI_SESSION_QUEUE_MODE", settings.session_queue_mode.map(|mode| mode.as_str().into()));
    set("INVOKEAI_MAX_QUEUE_SIZE", settings.max_queue_size.map(|size| size.to_string()));
    if let Some(s3) = &input.studio.spec.storage.s3 {
        set("INVOKEAI_S3_BUCKET", Some(s3.bucket.clone()));
        set("INVOKEAI_S3_PREFIX", s3.prefix.clone());
        set("INVOKEAI_S3_ENDPOINT", s3.endpoint.clone());
        set("INVOKEAI_S3_REGION", s3.region.clone());
    }
    data
}

/// The settings of server and workers.
pub(super) fn settings(input: &Input) -> Manifest {
    let body = json!({ "data": settings_data(input) });
    Manifest::new(input, KIND, settings_name(input), labels(input, "settings"), Retention::WithStudio, body)
}

/// The digest of the settings: pods read them only when they start.
pub(super) fn settings_digest(input: &Input) -> String {
    short_digest(&Value::Object(settings_data(input)).to_string())
}

/// How the managed database starts.
pub(super) fn database_start(input: &Input) -> Manifest {
    let body = json!({ "data": { "start.sh": DATABASE_START } });
    Manifest::new(
        input,
        KIND,
        database_start_name(input),
        labels(input, "database"),
        Retention::WithStudio,
        body,
    )
}

/// The digest of the start.
pub(super) fn database_start_digest() -> String {
    short_digest(DATABASE_START)
}
