//! How much of a studio may be away at once when nodes are drained.
use super::{Input, Manifest, Pool, Retention, manifest::labels, names};
use kube::ResourceExt;
use serde_json::{Map, Value, json};

/// One server at a time, when there are several; a single one may always go.
pub(super) fn server(input: &Input) -> Option<Manifest> {
    input.server_image.as_ref()?;
    let studio = input.studio.name_any();
    Some(budget(input, names::server(&studio), labels(input, "server"), names::selector(&studio, "server")))
}

/// One worker of a pool at a time.
pub(super) fn workers(input: &Input, name: &str, pool: &Pool) -> Option<Manifest> {
    if pool.replicas < 2 {
        return None;
    }
    let studio = input.studio.name_any();
    let mut labels = labels(input, "worker");
    labels.insert(names::POOL.into(), name.into());
    Some(budget(input, names::workers(&studio, name), labels, names::pool_selector(&studio, name)))
}

fn budget(input: &Input, name: String, labels: Map<String, Value>, selector: Map<String, Value>) -> Manifest {
    let body = json!({ "spec": { "maxUnavailable": 1, "selector": { "matchLabels": selector } } });
    Manifest::new(input, ("policy/v1", "PodDisruptionBudget"), name, labels, Retention::WithStudio, body)
}
