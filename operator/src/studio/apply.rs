//! Makes it so: writes what differs, removes what is no longer wanted, and nothing else.
use super::{
    build::{Manifest, names},
    difference::{self, Difference},
    observe::Observed,
    scale::DELETION_COST,
};
use crate::{cluster::Kind, error::Result, leadership::Leadership, metrics};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams, PropagationPolicy},
};
use serde_json::json;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// What was written: the kind, the name, and why.
    pub written: Vec<(&'static str, String, Difference)>,
    /// What was removed.
    pub removed: Vec<(&'static str, String)>,
}

/// Writes to one namespace, as long as this replica leads.
pub struct Writer<'a> {
    /// The client.
    pub client: &'a Client,
    /// Whether this replica leads.
    pub leadership: &'a Leadership,
    /// The namespace.
    pub namespace: &'a str,
}

impl Writer<'_> {
    fn api(&self, kind: &Kind) -> Api<DynamicObject> {
        kind.api(self.client.clone(), self.namespace)
    }

    /// Writes what differs and removes what is not in `desired`.
    ///
    /// # Errors
    /// When the API server refuses, or this replica no longer leads.
    pub async fn apply(&self, desired: &[Manifest], observed: &Observed) -> Result<Applied> {
        let mut applied = Applied::default();
        for manifest in desired {
            let present = observed.object(manifest.api_version, manifest.kind, &manifest.name);
            let Some(difference) = difference::between(manifest, present) else { continue };
            self.write(manifest).await?;
            tracing::info!(kind = manifest.kind, name = manifest.name, ?difference, "applied");
            applied.written.push((manifest.kind, manifest.name.clone(), difference));
        }
        for (kind, object) in &observed.objects {
            let name = object.name_any();
            let wanted = desired.iter().any(|m| m.kind == kind.kind && m.name == name);
            let going = object.metadata.deletion_timestamp.is_some();
            if kind.removable && !wanted && !going {
                self.remove(kind, object).await?;
                applied.removed.push((kind.kind, name));
            }
        }
        Ok(applied)
    }

    async fn write(&self, manifest: &Manifest) -> Result<()> {
        self.leadership.check()?;
        let Some(kind) = Kind::of(manifest.api_version, manifest.kind) else { return Ok(()) };
        let mut parameters = PatchParams::apply(names::OPERATOR).force();
        parameters.field_validation = Some(kube::api::ValidationDirective::Strict);
        metrics::count_write(manifest.kind, "apply");
        self.api(&kind).patch(&manifest.name, &parameters, &Patch::Apply(&manifest.value)).await?;
        Ok(())
    }

    /// Makes an object that must not be there yet; that another one was faster is no error.
    ///
    /// # Errors
    /// When the API server refuses, or this replica no longer leads.
    pub async fn create(&self, manifest: &Manifest) -> Result<()> {
        self.leadership.check()?;
        let Some(kind) = Kind::of(manifest.api_version, manifest.kind) else { return Ok(()) };
        let object: DynamicObject = serde_json::from_value(manifest.value.clone())?;
        metrics::count_write(manifest.kind, "create");
        let parameters = PostParams { field_manager: Some(names::OPERATOR.into()), ..PostParams::default() };
        match self.api(&kind).create(&parameters, &object).await {
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
            other => Ok(other.map(|_| ())?),
        }
    }

    /// Removes an object, with what belongs to it.
    ///
    /// # Errors
    /// When the API server refuses, or this replica no longer leads.
    pub async fn remove(&self, kind: &Kind, object: &DynamicObject) -> Result<()> {
        self.leadership.check()?;
        metrics::count_write(kind.kind, "delete");
        let parameters = DeleteParams {
            propagation_policy: Some(PropagationPolicy::Background),
            preconditions: Some(kube::api::Preconditions { uid: object.uid(), resource_version: None }),
            ..DeleteParams::default()
        };
        match self.api(kind).delete(&object.name_any(), &parameters).await {
            Err(kube::Error::Api(status)) if status.code == 404 || status.code == 409 => Ok(()),
            other => {
                other?;
                tracing::info!(kind = kind.kind, name = object.name_any(), "removed");
                Ok(())
            }
        }
    }

    /// Sets or clears what it costs to remove a pod.
    ///
    /// # Errors
    /// When the API server refuses, or this replica no longer leads.
    pub async fn set_deletion_cost(&self, pod: &str, cost: Option<&str>) -> Result<()> {
        self.leadership.check()?;
        metrics::count_write("Pod", "patch");
        let api: Api<Pod> = Api::namespaced(self.client.clone(), self.namespace);
        let patch = json!({ "metadata": { "annotations": { DELETION_COST: cost } } });
        match api.patch(pod, &PatchParams::default(), &Patch::Merge(&patch)).await {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            other => Ok(other.map(|_| ())?),
        }
    }
}
