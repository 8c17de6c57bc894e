//! An object as it is applied.
use super::{Input, names};
use crate::resource::studio::DeletionPolicy;
use kube::{Resource, ResourceExt};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The annotation with the digest of what was applied: when it differs, a field may have to go.
pub const APPLIED: &str = "invokeai.dev/applied";

/// What becomes of an object when the studio is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// It goes with the studio.
    WithStudio,
    /// It is data: the studio's policy decides.
    AsPolicySays,
}

/// An object as it is applied, its digest in an annotation.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// `v1`, `apps/v1`, …
    pub api_version: &'static str,
    /// `Service`, …
    pub kind: &'static str,
    /// The name.
    pub name: String,
    /// All of it.
    pub value: Value,
}

impl Manifest {
    /// An object of the studio's: `body` is all of it but `apiVersion`, `kind` and `metadata`.
    pub fn new(
        input: &Input,
        (api_version, kind): (&'static str, &'static str),
        name: String,
        labels: Map<String, Value>,
        retention: Retention,
        body: Value,
    ) -> Self {
        Self::annotated(input, (api_version, kind), name, labels, Map::new(), retention, body)
    }

    /// The same, with annotations.
    pub fn annotated(
        input: &Input,
        (api_version, kind): (&'static str, &'static str),
        name: String,
        labels: Map<String, Value>,
        annotations: Map<String, Value>,
        retention: Retention,
        body: Value,
    ) -> Self {
        let mut metadata = json!({
            "name": name,
            "namespace": input.studio.namespace(),
            "labels": labels,
            "annotations": annotations,
        });
        let goes = retention == Retention::WithStudio
            || input.studio.spec.deletion_policy() == DeletionPolicy::Delete;
        if let Some(owner) = input.studio.controller_owner_ref(&()).filter(|_| goes) {
            metadata["ownerReferences"] = json!([owner]);
        }
        let mut value = json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata });
        if let (Some(object), Value::Object(body)) = (value.as_object_mut(), body) {
            object.extend(body);
        }
        let digest = short_digest(&value.to_string());
        value["metadata"]["annotations"][APPLIED] = digest.into();
        Self { api_version, kind, name, value }
    }

    /// The digest in the annotation.
    pub fn digest(&self) -> &str {
        self.value["metadata"]["annotations"][APPLIED].as_str().unwrap_or_default()
    }
}

/// Sixteen hexadecimal digits of a SHA-256.
pub fn short_digest(text: &str) -> String {
    format!("{:.16}", format!("{:x}", Sha256::digest(text)))
}

/// The labels of an object of the studio's.
pub fn labels(input: &Input, component: &str) -> Map<String, Value> {
    names::labels(&input.studio.name_any(), component)
}
