//! The Ingress.
use super::{Input, Manifest, Retention, manifest::labels, names};
use kube::ResourceExt;
use serde_json::{Map, Value, json};

/// Pictures and models are uploaded, and sockets stay open: the limits of ingress-nginx that would be in the way.
const ANNOTATIONS: [(&str, &str); 3] = [
    ("nginx.ingress.kubernetes.io/proxy-body-size", "512m"),
    ("nginx.ingress.kubernetes.io/proxy-read-timeout", "3600"),
    ("nginx.ingress.kubernetes.io/proxy-send-timeout", "3600"),
];

/// The Ingress of the server, when one is asked for.
pub(super) fn server(input: &Input) -> Option<Manifest> {
    let wanted = input.studio.spec.server.ingress.as_ref()?;
    let studio = input.studio.name_any();
    let mut annotations: Map<String, Value> =
        ANNOTATIONS.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect();
    annotations.extend(wanted.annotations.iter().map(|(key, value)| (key.clone(), value.as_str().into())));
    let mut spec = json!({ "rules": [{
        "host": wanted.host,
        "http": { "paths": [{
            "path": "/",
            "pathType": "Prefix",
            "backend": { "service": { "name": names::server(&studio), "port": { "name": "http" } } },
        }] },
    }] });
    if let Some(class) = &wanted.class_name {
        spec["ingressClassName"] = class.as_str().into();
    }
    if let Some(secret) = &wanted.tls_secret_name {
        spec["tls"] = json!([{ "hosts": [wanted.host], "secretName": secret }]);
    }
    let kind = ("networking.k8s.io/v1", "Ingress");
    let body = json!({ "spec": spec });
    let labels = labels(input, "server");
    Some(Manifest::annotated(
        input,
        kind,
        names::server(&studio),
        labels,
        annotations,
        Retention::WithStudio,
        body,
    ))
}
