//! Claims of volumes. They are data: the studio's deletion policy decides about them.
use super::{Input, Manifest, Retention, manifest::labels, names};
use crate::resource::storage::Volume;
use kube::ResourceExt;
use serde_json::json;

/// The claims that the operator makes; claims that were named exist already.
pub(super) fn all(input: &Input) -> Vec<Manifest> {
    let studio = input.studio.name_any();
    let spec = &input.studio.spec;
    let mut claims = Vec::new();
    if spec.storage.s3.is_none() {
        let volume = spec.storage.volume.clone().unwrap_or_default();
        claims.extend(one(input, names::images(&studio), "images", &volume, "50Gi"));
    }
    claims.extend(one(input, names::models(&studio), "models", &spec.models.volume, "50Gi"));
    if let Some(managed) = spec.database.managed() {
        let volume = Volume {
            size: managed.size.clone(),
            storage_class_name: managed.storage_class_name.clone(),
            ..Volume::default()
        };
        claims.extend(one(input, names::database(&studio), "database", &volume, "10Gi"));
        if managed.backup.is_some() && spec.storage.s3.is_some() {
            claims.extend(one(input, names::backups(&studio), "backup", &volume, "10Gi"));
        }
    }
    claims
}

fn one(input: &Input, name: String, component: &str, volume: &Volume, size: &str) -> Option<Manifest> {
    if volume.claim_name.is_some() {
        return None;
    }
    let mut spec = json!({
        "accessModes": [volume.access_mode.unwrap_or_default().as_str()],
        "resources": { "requests": { "storage": volume.size.as_deref().unwrap_or(size) } },
    });
    if let Some(class) = &volume.storage_class_name {
        spec["storageClassName"] = class.as_str().into();
    }
    let body = json!({ "spec": spec });
    let kind = ("v1", "PersistentVolumeClaim");
    Some(Manifest::new(input, kind, name, labels(input, component), Retention::AsPolicySays, body))
}
