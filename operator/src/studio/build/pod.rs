//! What all pods share: the restricted Pod Security Standard, volumes, scheduling.
use super::{Input, names};
use crate::resource::{scheduling::Scheduling, storage::Volume};
use kube::ResourceExt;
use serde_json::{Map, Value, json};

/// The account that the containers of the studio run as.
pub(super) const STUDIO_ACCOUNT: i64 = 10001;
/// The account of PostgreSQL in its image.
pub(super) const DATABASE_ACCOUNT: i64 = 10001;

/// The pod's security context: never root, the runtime's seccomp profile.
pub(super) fn pod_security(account: i64) -> Value {
    json!({
        "runAsNonRoot": true,
        "runAsUser": account,
        "runAsGroup": account,
        "fsGroup": account,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": { "type": "RuntimeDefault" },
    })
}

/// A container's security context: nothing can be gained, nothing of the image can be changed.
pub(super) fn container_security() -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": { "drop": ["ALL"] },
    })
}

/// A pod's spec with what all pods share.
pub(super) fn spec(
    input: &Input,
    account: i64,
    scheduling: &Scheduling,
    containers: Value,
    volumes: Vec<Value>,
) -> Map<String, Value> {
    let mut spec = Map::new();
    spec.insert("serviceAccountName".into(), super::service_account::name(input).into());
    // Nothing in a studio talks to the API server.
    spec.insert("automountServiceAccountToken".into(), false.into());
    // A Service named `invokeai` would otherwise set INVOKEAI_PORT, which is one of our settings.
    spec.insert("enableServiceLinks".into(), false.into());
    spec.insert("securityContext".into(), pod_security(account));
    spec.insert("containers".into(), containers);
    spec.insert("volumes".into(), volumes.into());
    let secrets: Vec<Value> = pull_secrets(input);
    if !secrets.is_empty() {
        spec.insert("imagePullSecrets".into(), secrets.into());
    }
    schedule(&mut spec, scheduling);
    spec
}

/// The spec of a pod with one container that runs `invoke`. With a namespace of its own for processes, the program would
/// be the first one in it, and the kernel forgets what such a one is asked before it listens: a worker that is stopped
/// in the moment in which it starts would go on until its grace has passed.
pub(super) fn of_invoke(
    input: &Input,
    scheduling: &Scheduling,
    container: Value,
    volumes: Vec<Value>,
) -> Map<String, Value> {
    let mut spec = spec(input, STUDIO_ACCOUNT, scheduling, json!([container]), volumes);
    spec.insert("shareProcessNamespace".into(), true.into());
    spec
}

fn pull_secrets(input: &Input) -> Vec<Value> {
    let spec = &input.studio.spec;
    spec.image_pull_secrets
        .iter()
        .chain(&spec.image.pull_secrets)
        .map(|secret| json!({ "name": secret.name }))
        .collect()
}

fn schedule(spec: &mut Map<String, Value>, scheduling: &Scheduling) {
    if !scheduling.node_selector.is_empty() {
        spec.insert("nodeSelector".into(), json!(scheduling.node_selector));
    }
    if !scheduling.tolerations.is_empty() {
        spec.insert("tolerations".into(), json!(scheduling.tolerations));
    }
    if let Some(affinity) = &scheduling.affinity {
        spec.insert("affinity".into(), json!(affinity));
    }
    if !scheduling.topology_spread_constraints.is_empty() {
        spec.insert("topologySpreadConstraints".into(), json!(scheduling.topology_spread_constraints));
    }
    if let Some(class) = &scheduling.priority_class_name {
        spec.insert("priorityClassName".into(), class.as_str().into());
    }
}

/// An empty directory that goes with the pod.
pub(super) fn scratch(name: &str) -> Value {
    json!({ "name": name, "emptyDir": {} })
}

/// A claim as a volume.
pub(super) fn claim(name: &str, claim_name: &str, read_only: bool) -> Value {
    let mut source = json!({ "claimName": claim_name });
    if read_only {
        source["readOnly"] = true.into();
    }
    json!({ "name": name, "persistentVolumeClaim": source })
}

/// The claim with images; none when they are in S3.
pub(super) fn images_claim(input: &Input) -> Option<String> {
    let storage = &input.studio.spec.storage;
    storage.s3.is_none().then(|| claim_name(storage.volume.as_ref(), names::images(&input.studio.name_any())))
}

/// The claim with models.
pub(super) fn models_claim(input: &Input) -> String {
    claim_name(Some(&input.studio.spec.models.volume), names::models(&input.studio.name_any()))
}

fn claim_name(volume: Option<&Volume>, own: String) -> String {
    volume.and_then(|volume| volume.claim_name.clone()).unwrap_or(own)
}

/// The volumes of the studio's own programs, and where they are mounted.
pub(super) fn studio_volumes(input: &Input, models_read_only: bool) -> (Vec<Value>, Vec<Value>) {
    let mut volumes =
        vec![scratch("root"), scratch("tmp"), claim("models", &models_claim(input), models_read_only)];
    let mut mounts = vec![
        json!({ "name": "root", "mountPath": "/data" }),
        json!({ "name": "tmp", "mountPath": "/tmp" }),
        json!({ "name": "models", "mountPath": "/data/models" }),
    ];
    if models_read_only {
        mounts[2]["readOnly"] = true.into();
    }
    if let Some(images) = images_claim(input) {
        volumes.push(claim("images", &images, false));
        mounts.push(json!({ "name": "images", "mountPath": "/data/outputs" }));
    }
    (volumes, mounts)
}

/// Resources that were given, or these.
pub(super) fn resources<T: serde::Serialize>(given: Option<&T>, otherwise: Value) -> Value {
    given.map_or(otherwise, |given| json!(given))
}
