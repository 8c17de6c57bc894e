//! Services.
use super::{Input, Manifest, Retention, manifest::labels, names};
use crate::resource::server::ServiceType;
use kube::ResourceExt;
use serde_json::json;

const KIND: (&str, &str) = ("v1", "Service");

/// Where the server is reached.
pub(super) fn server(input: &Input) -> Manifest {
    let studio = input.studio.name_any();
    let service_type = match input.studio.spec.server.service_type {
        Some(ServiceType::NodePort) => "NodePort",
        Some(ServiceType::LoadBalancer) => "LoadBalancer",
        Some(ServiceType::ClusterIP) | None => "ClusterIP",
    };
    let body = json!({ "spec": {
        "type": service_type,
        "selector": names::selector(&studio, "server"),
        "ports": [{ "name": "http", "port": names::SERVER_PORT, "targetPort": "http", "protocol": "TCP" }],
    } });
    Manifest::new(input, KIND, names::server(&studio), labels(input, "server"), Retention::WithStudio, body)
}

/// Where the database is reached.
pub(super) fn database(input: &Input) -> Manifest {
    let studio = input.studio.name_any();
    let body = json!({ "spec": {
        "type": "ClusterIP",
        "selector": names::selector(&studio, "database"),
        "ports": [{ "name": "postgres", "port": names::DATABASE_PORT, "targetPort": "postgres", "protocol": "TCP" }],
    } });
    Manifest::new(
        input,
        KIND,
        names::database(&studio),
        labels(input, "database"),
        Retention::WithStudio,
        body,
    )
}
