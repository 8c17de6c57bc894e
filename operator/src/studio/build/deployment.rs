//! Deployments: the server, and each pool of workers.
use super::{Input, Manifest, Pool, Retention, config_map, environment, manifest::labels, names, pod};
use crate::resource::{server::ServerSpec, workers::WorkerPool};
use kube::ResourceExt;
use serde_json::{Map, Value, json};

const KIND: (&str, &str) = ("apps/v1", "Deployment");
const SIGNING_KEY_MOUNT: &str = "/run/secrets/invokeai/signing-key";

/// The server; none before the first migration.
pub(super) fn server(input: &Input) -> Option<Manifest> {
    let image = input.server_image.as_ref()?;
    let studio = input.studio.name_any();
    let wanted = &input.studio.spec.server;
    let (mut volumes, mut mounts) = pod::studio_volumes(input, false);
    volumes.push(signing_key_volume(input));
    mounts.push(json!({ "name": "signing-key", "mountPath": SIGNING_KEY_MOUNT, "readOnly": true }));
    let container = server_container(input, wanted, image, mounts);
    let mut spec = pod::of_invoke(input, &wanted.scheduling, container, volumes);
    spec.insert("terminationGracePeriodSeconds".into(), 60.into());
    let annotations = json!({
        "invokeai.dev/settings": config_map::settings_digest(input),
        "invokeai.dev/database": input.digests.database,
        "invokeai.dev/signing-key": input.digests.signing_key,
        "invokeai.dev/storage": input.digests.storage,
    });
    let template_labels = names::labels(&studio, "server");
    let body = json!({ "spec": {
        "replicas": wanted.replicas.unwrap_or(1),
        "selector": { "matchLabels": names::selector(&studio, "server") },
        // A new server is ready before an old one goes: no request is refused.
        "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } },
        "revisionHistoryLimit": 3,
        "template": { "metadata": { "labels": template_labels, "annotations": annotations }, "spec": spec },
    } });
    Some(Manifest::new(
        input,
        KIND,
        names::server(&studio),
        labels(input, "server"),
        Retention::WithStudio,
        body,
    ))
}

fn server_container(input: &Input, wanted: &ServerSpec, image: &str, mounts: Vec<Value>) -> Value {
    let probe = |path: &str, period: i32, failures: i32| {
        json!({
            "httpGet": { "path": path, "port": "http" },
            "periodSeconds": period,
            "timeoutSeconds": 5,
            "failureThreshold": failures,
        })
    };
    let resources =
        json!({ "requests": { "cpu": "100m", "memory": "256Mi" }, "limits": { "memory": "2Gi" } });
    json!({
        "name": "server",
        "image": image,
        "imagePullPolicy": input.studio.spec.image.policy(),
        "args": ["server"],
        "env": environment::server(input),
        "envFrom": environment::from_config_map(input),
        "ports": [{ "name": "http", "containerPort": names::SERVER_PORT, "protocol": "TCP" }],
        "startupProbe": probe("/healthz", 1, 60),
        "readinessProbe": probe("/readyz", 2, 3),
        "livenessProbe": probe("/healthz", 10, 6),
        // Until every proxy has heard that this pod goes, requests still come.
        "lifecycle": { "preStop": { "sleep": { "seconds": 5 } } },
        "resources": pod::resources(wanted.resources.as_ref(), resources),
        "securityContext": pod::container_security(),
        "volumeMounts": mounts,
    })
}

fn signing_key_volume(input: &Input) -> Value {
    let (secret, key) = match &input.studio.spec.auth.signing_key_secret_ref {
        Some(reference) => (reference.name.clone(), reference.key_or("key").to_owned()),
        None => (names::signing_key(&input.studio.name_any()), "key".to_owned()),
    };
    json!({ "name": "signing-key", "secret": { "secretName": secret, "items": [{ "key": key, "path": "key" }] } })
}

/// A pool of workers.
pub(super) fn workers(input: &Input, name: &str, wanted: &WorkerPool, pool: &Pool) -> Manifest {
    let studio = input.studio.name_any();
    let (volumes, mounts) = pod::studio_volumes(input, true);
    let container = json!({
        "name": "worker",
        "image": pool.image,
        "imagePullPolicy": input.studio.spec.image.policy(),
        "args": ["worker"],
        "env": environment::worker(input, name, wanted),
        "envFrom": environment::from_config_map(input),
        "ports": [{ "name": "http", "containerPort": names::SERVER_PORT, "protocol": "TCP" }],
        "readinessProbe": { "httpGet": { "path": "/healthz", "port": "http" }, "periodSeconds": 3, "timeoutSeconds": 5 },
        "resources": worker_resources(wanted),
        "securityContext": pod::container_security(),
        "volumeMounts": mounts,
    });
    let mut spec = pod::of_invoke(input, &wanted.scheduling, container, volumes);
    spec.insert("terminationGracePeriodSeconds".into(), environment::grace(wanted).into());
    let class = wanted.accelerator.as_ref().and_then(|accelerator| accelerator.runtime_class_name.as_deref());
    if let Some(class) = class {
        spec.insert("runtimeClassName".into(), class.into());
    }
    let mut template_labels = names::labels(&studio, "worker");
    template_labels.insert(names::POOL.into(), name.into());
    let annotations = json!({
        "invokeai.dev/settings": config_map::settings_digest(input),
        "invokeai.dev/database": input.digests.database,
        "invokeai.dev/storage": input.digests.storage,
    });
    let body = json!({ "spec": {
        "replicas": pool.replicas,
        "selector": { "matchLabels": names::pool_selector(&studio, name) },
        // Accelerators are rarely to spare: an old worker drains first, then a new one takes its place.
        "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 0, "maxUnavailable": 1 } },
        "revisionHistoryLimit": 3,
        "template": { "metadata": { "labels": template_labels, "annotations": annotations }, "spec": spec },
    } });
    let mut labels = labels(input, "worker");
    labels.insert(names::POOL.into(), name.into());
    Manifest::new(input, KIND, names::workers(&studio, name), labels, Retention::WithStudio, body)
}

/// CPU and memory, and the accelerator among the limits.
fn worker_resources(wanted: &WorkerPool) -> Value {
    let otherwise = json!({ "requests": { "cpu": "500m", "memory": "2Gi" } });
    let mut resources = pod::resources(wanted.resources.as_ref(), otherwise);
    if let Some((name, count)) = wanted.accelerators() {
        let mut limits = resources["limits"].as_object().cloned().unwrap_or_else(Map::new);
        limits.insert(name.to_owned(), count.to_string().into());
        resources["limits"] = limits.into();
    }
    resources
}
