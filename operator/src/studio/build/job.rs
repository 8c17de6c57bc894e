//! The Job that migrates the database, one for each image.
use super::{
    Input, Manifest, Retention, environment,
    manifest::{labels, short_digest},
    names, pod,
};
use crate::resource::scheduling::Scheduling;
use kube::ResourceExt;
use serde_json::{Value, json};

/// The migration to the desired image. It runs before anything of that image does. Its name holds a digest of all of
/// it, because a Job cannot be changed.
pub fn migration(input: &Input) -> Manifest {
    let studio = input.studio.name_any();
    let spec = spec(input);
    let name = format!("{studio}-migrate-{}", &short_digest(&spec.to_string())[..10]);
    let labels = labels(input, "migration");
    Manifest::new(input, ("batch/v1", "Job"), name, labels, Retention::WithStudio, json!({ "spec": spec }))
}

fn spec(input: &Input) -> Value {
    let studio = &input.studio;
    let image = studio.spec.image.reference(&input.default_image, None);
    let (volumes, mounts) = pod::studio_volumes(input, true);
    let container = json!({
        "name": "migrate",
        "image": image,
        "imagePullPolicy": studio.spec.image.policy(),
        "args": ["migrate"],
        "env": environment::migration(input),
        "envFrom": environment::from_config_map(input),
        "resources": { "requests": { "cpu": "100m", "memory": "128Mi" } },
        "securityContext": pod::container_security(),
        // The last lines of what it said come into the pod's status, and from there into the condition.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": mounts,
    });
    let mut spec = pod::of_invoke(input, &Scheduling::default(), container, volumes);
    spec.insert("restartPolicy".into(), "Never".into());
    json!({
        "backoffLimit": 3,
        "template": {
            "metadata": {
                "labels": names::labels(&studio.name_any(), "migration"),
                "annotations": { "invokeai.dev/database": input.digests.database },
            },
            "spec": spec,
        },
    })
}
