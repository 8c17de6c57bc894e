//! The PodMonitor, where the Prometheus operator is installed.
use super::{Input, Manifest, Retention, manifest::labels, names};
use kube::ResourceExt;
use serde_json::json;

/// What Prometheus scrapes of this studio.
pub(super) fn studio(input: &Input) -> Option<Manifest> {
    let monitoring = &input.studio.spec.monitoring;
    if !input.has_prometheus_operator || monitoring.pod_monitor == Some(false) {
        return None;
    }
    let studio = input.studio.name_any();
    let mut labels = labels(input, "monitoring");
    labels.extend(monitoring.labels.iter().map(|(key, value)| (key.clone(), value.as_str().into())));
    let body = json!({ "spec": {
        "selector": {
            "matchLabels": { "app.kubernetes.io/name": "invokeai", names::INSTANCE: studio },
            "matchExpressions": [{ "key": names::COMPONENT, "operator": "In", "values": ["server", "worker"] }],
        },
        "podTargetLabels": [names::INSTANCE],
        "podMetricsEndpoints": [{ "port": "http", "path": "/metrics", "interval": "15s" }],
    } });
    let kind = ("monitoring.coreos.com/v1", "PodMonitor");
    Some(Manifest::new(input, kind, studio, labels, Retention::WithStudio, body))
}
