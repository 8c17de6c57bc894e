//! The ServiceAccount of the studio's pods. It has no rights; clouds hang an identity on it.
use super::{Input, Manifest, Retention, manifest::labels};
use kube::ResourceExt;
use serde_json::{Map, json};

/// Its name.
pub(super) fn name(input: &Input) -> String {
    input.studio.name_any()
}

/// The account of all pods.
pub(super) fn pods(input: &Input) -> Manifest {
    let given = input.studio.spec.storage.s3.as_ref().map(|s3| &s3.service_account_annotations);
    let annotations: Map<_, _> =
        given.into_iter().flatten().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
    let body = json!({ "automountServiceAccountToken": false });
    let kind = ("v1", "ServiceAccount");
    Manifest::annotated(
        input,
        kind,
        name(input),
        labels(input, "studio"),
        annotations,
        Retention::WithStudio,
        body,
    )
}
