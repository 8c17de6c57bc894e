//! The CronJob that dumps the managed database.
use super::{Input, Manifest, Retention, manifest::labels, names, pod, stateful_set};
use crate::resource::scheduling::Scheduling;
use kube::ResourceExt;
use serde_json::{Value, json};

/// Written under another name first, so that a dump that was cut off is never taken for one.
const SCRIPT: &str = r#"set -eu
for directory in /usr/lib/postgresql/*/bin; do PATH="$directory:$PATH"; done
mkdir -p /backups/database
file=/backups/database/$(date -u +%Y%m%dT%H%M%SZ).dump
pg_dump --format=custom --file="$file.part" "$DATABASE_URL"
mv "$file.part" "$file"
rm -f /backups/database/*.part
ls -1 /backups/database/*.dump | sort -r | tail -n +$((KEEP + 1)) | while read -r old; do rm -f "$old"; done
echo "wrote $file"
"#;

/// The dumps, when they are asked for.
pub(super) fn backup(input: &Input) -> Option<Manifest> {
    let backup = input.studio.spec.database.managed()?.backup.as_ref()?;
    let studio = input.studio.name_any();
    let claim = pod::images_claim(input).unwrap_or_else(|| names::backups(&studio));
    let volumes = vec![pod::claim("backups", &claim, false), pod::scratch("tmp")];
    let container = container(input, backup.keep.unwrap_or(7));
    // The dumps lie beside the images, so they are written by the images' account.
    let mut spec = pod::spec(input, pod::STUDIO_ACCOUNT, &Scheduling::default(), json!([container]), volumes);
    spec.insert("restartPolicy".into(), "Never".into());
    let body = json!({ "spec": {
        "schedule": backup.schedule.as_deref().unwrap_or("0 3 * * *"),
        "concurrencyPolicy": "Forbid",
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": { "spec": {
            "backoffLimit": 2,
            "template": { "metadata": { "labels": names::selector(&studio, "backup") }, "spec": spec },
        } },
    } });
    let name = format!("{studio}-backup");
    Some(Manifest::new(
        input,
        ("batch/v1", "CronJob"),
        name,
        labels(input, "backup"),
        Retention::WithStudio,
        body,
    ))
}

fn container(input: &Input, keep: u32) -> Value {
    let secret = names::database(&input.studio.name_any());
    json!({
        "name": "dump",
        "image": stateful_set::image(input),
        "imagePullPolicy": input.studio.spec.image.policy(),
        "command": ["sh", "-c", SCRIPT],
        "env": [
            { "name": "DATABASE_URL", "valueFrom": { "secretKeyRef": { "name": secret, "key": "uri" } } },
            { "name": "KEEP", "value": keep.to_string() },
        ],
        "resources": { "requests": { "cpu": "50m", "memory": "64Mi" } },
        "securityContext": pod::container_security(),
        "volumeMounts": [
            { "name": "backups", "mountPath": "/backups" },
            { "name": "tmp", "mountPath": "/tmp" },
        ],
    })
}
