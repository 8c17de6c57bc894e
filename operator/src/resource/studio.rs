//! `InvokeAI`: a whole studio.
use super::{
    auth::{AuthSpec, UsersSpec},
    database::DatabaseSpec,
    image::ImageSpec,
    monitoring::MonitoringSpec,
    server::ServerSpec,
    status::StudioStatus,
    storage::{ModelsSpec, StorageSpec},
    workers::{NamedWorkerPool, WorkerPool},
};
use k8s_openapi::api::core::v1::LocalObjectReference;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A studio: the server, its workers and its database. `spec: {}` is a working studio with one GPU worker.
#[derive(Debug, Clone, Default, PartialEq, CustomResource, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "invokeai.dev",
    version = "v1alpha1",
    kind = "InvokeAI",
    plural = "invokeais",
    shortname = "iai",
    namespaced,
    status = "StudioStatus",
    derive = "PartialEq",
    derive = "Default",
    doc = "A studio: InvokeAI's multi-user mode with its server, its workers and its database.",
    scale(
        spec_replicas_path = ".spec.workers.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Available\")].status"),
    printcolumn(name = "URL", type_ = "string", json_path = ".status.url"),
    printcolumn(name = "Workers", type_ = "string", json_path = ".status.workers"),
    printcolumn(name = "Queue", type_ = "integer", json_path = ".status.queue.waiting"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    validation = Rule::new("size(self.metadata.name) <= 30 && !self.metadata.name.contains('.')")
        .message("the name of an InvokeAI may have 30 characters and no dots: names of Services are made from it")
)]
pub struct InvokeAISpec {
    /// The container image.
    #[serde(default)]
    pub image: ImageSpec,
    /// Secrets for the registry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub image_pull_secrets: Vec<LocalObjectReference>,
    /// While true the operator looks and reports, but changes nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// The server.
    #[serde(default)]
    pub server: ServerSpec,
    /// The default pool of workers.
    #[serde(default)]
    pub workers: WorkerPool,
    /// More pools of workers, for instance for other accelerators. All pools serve the same queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub worker_pools: Vec<NamedWorkerPool>,
    /// The database.
    #[serde(default)]
    pub database: DatabaseSpec,
    /// Where images are kept.
    #[serde(default)]
    pub storage: StorageSpec,
    /// Where models are kept.
    #[serde(default)]
    pub models: ModelsSpec,
    /// Sessions and the first administrator.
    #[serde(default)]
    pub auth: AuthSpec,
    /// Which `InvokeUser` resources are admitted.
    #[serde(default)]
    pub users: UsersSpec,
    /// Prometheus and Grafana.
    #[serde(default)]
    pub monitoring: MonitoringSpec,
    /// What becomes of the claims with images, models and the database, and of the generated Secrets, when this
    /// resource is deleted. `Retain` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,
}

/// What becomes of data when the studio is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// Data stays; a studio of the same name takes it up again.
    #[default]
    Retain,
    /// Data goes with the studio.
    Delete,
}

/// The name of the pool in `spec.workers`.
pub const DEFAULT_POOL: &str = "default";

impl InvokeAISpec {
    /// All pools with their names, the default one first.
    pub fn pools(&self) -> impl Iterator<Item = (&str, &WorkerPool)> {
        let named = self.worker_pools.iter().map(|named| (named.name.as_str(), &named.pool));
        std::iter::once((DEFAULT_POOL, &self.workers)).chain(named)
    }

    /// What becomes of data.
    pub fn deletion_policy(&self) -> DeletionPolicy {
        self.deletion_policy.unwrap_or_default()
    }
}
