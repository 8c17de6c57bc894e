//! The StatefulSet of the managed database.
use super::{Input, Manifest, Retention, config_map, manifest::labels, names, pod};
use kube::ResourceExt;
use serde_json::{Value, json};

/// The image of the managed database.
pub(super) fn image(input: &Input) -> &str {
    let managed = input.studio.spec.database.managed();
    managed.and_then(|managed| managed.image.as_deref()).unwrap_or(&input.database_image)
}

/// A single PostgreSQL.
pub(super) fn database(input: &Input) -> Manifest {
    let studio = input.studio.name_any();
    let name = names::database(&studio);
    let wanted = input.studio.spec.database.managed().cloned().unwrap_or_default();
    let volumes = vec![
        pod::claim("data", &name, false),
        pod::scratch("run"),
        pod::scratch("tmp"),
        json!({ "name": "shared-memory", "emptyDir": { "medium": "Memory", "sizeLimit": "256Mi" } }),
        json!({ "name": "start", "configMap": { "name": config_map::database_start_name(input) } }),
    ];
    let mut spec =
        pod::spec(input, pod::DATABASE_ACCOUNT, &wanted.scheduling, json!([container(input)]), volumes);
    spec.insert("terminationGracePeriodSeconds".into(), 120.into());
    let annotations = json!({
        "invokeai.dev/database": input.digests.database,
        "invokeai.dev/start": config_map::database_start_digest(),
    });
    let body = json!({ "spec": {
        "replicas": 1,
        "serviceName": name,
        "selector": { "matchLabels": names::selector(&studio, "database") },
        "template": {
            "metadata": { "labels": names::labels(&studio, "database"), "annotations": annotations },
            "spec": spec,
        },
    } });
    Manifest::new(
        input,
        ("apps/v1", "StatefulSet"),
        name,
        labels(input, "database"),
        Retention::WithStudio,
        body,
    )
}

fn container(input: &Input) -> Value {
    let secret = names::database(&input.studio.name_any());
    let from_secret = |name: &str, key: &str| json!({ "name": name, "valueFrom": { "secretKeyRef": { "name": secret, "key": key } } });
    let managed = input.studio.spec.database.managed();
    let resources = json!({ "requests": { "cpu": "100m", "memory": "256Mi" } });
    let ready = json!({
        "exec": { "command": ["sh", "-c", "for d in /usr/lib/postgresql/*/bin; do PATH=$d:$PATH; done; pg_isready -q -h 127.0.0.1"] },
        "periodSeconds": 3,
        "timeoutSeconds": 5,
        "failureThreshold": 3,
    });
    json!({
        "name": "postgres",
        "image": image(input),
        "imagePullPolicy": input.studio.spec.image.policy(),
        "command": ["sh", "/etc/invokeai/start.sh"],
        "env": [
            from_secret("DATABASE_NAME", "dbname"),
            from_secret("DATABASE_USER", "username"),
            from_secret("DATABASE_PASSWORD", "password"),
        ],
        "ports": [{ "name": "postgres", "containerPort": names::DATABASE_PORT, "protocol": "TCP" }],
        "readinessProbe": ready,
        "resources": pod::resources(managed.and_then(|managed| managed.resources.as_ref()), resources),
        "securityContext": pod::container_security(),
        "volumeMounts": [
            { "name": "data", "mountPath": "/var/lib/postgresql/data" },
            { "name": "run", "mountPath": "/run/postgresql" },
            { "name": "tmp", "mountPath": "/tmp" },
            { "name": "shared-memory", "mountPath": "/dev/shm" },
            { "name": "start", "mountPath": "/etc/invokeai", "readOnly": true },
        ],
    })
}
