//! What the operator reports of a studio.
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// What the operator reports of a studio.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct StudioStatus {
    /// The generation of the resource that this speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// `Available`, `Progressing`, `Degraded`, `DatabaseReady`, `Migrated`, `ServerReady`, `WorkersReady`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// Where the studio is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What runs, and what is on its way.
    #[serde(default)]
    pub versions: Versions,
    /// The Secret with the first administrator's address and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub administrator_secret_name: Option<String>,
    /// The default pool's workers that exist, for `kubectl scale`.
    #[serde(default)]
    pub replicas: i32,
    /// The selector of the default pool's pods, for `kubectl scale` and autoscalers of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// Workers that are ready, of those that are wanted, for instance `2/3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers: Option<String>,
    /// Each pool.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<PoolStatus>,
    /// The queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueStatus>,
}

/// What runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Versions {
    /// The version of the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The image that is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired: Option<String>,
    /// The image that the server runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// A pool.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PoolStatus {
    /// The name.
    pub name: String,
    /// Workers that are wanted.
    pub desired: i32,
    /// Workers that are ready.
    pub ready: i32,
    /// Workers that have an item.
    pub busy: i32,
}

/// The queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueStatus {
    /// Items that wait.
    pub waiting: i64,
    /// Items that run.
    pub running: i64,
    /// For how long the oldest one has waited, in seconds; rounded down to ten.
    pub oldest_wait_seconds: i64,
}

impl StudioStatus {
    /// The condition of this type.
    pub fn condition(&self, type_: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.type_ == type_)
    }
}
