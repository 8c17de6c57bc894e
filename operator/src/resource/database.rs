//! The database of a studio.
use super::{SecretKey, scheduling::Scheduling};
use k8s_openapi::api::core::v1::ResourceRequirements;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// The database: one that the operator runs (the default), or one that exists.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.managed) && has(self.external))")
    .message("give database.managed or database.external, not both: a studio has one database"))]
pub struct DatabaseSpec {
    /// A single PostgreSQL that the operator runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<ManagedDatabase>,
    /// A PostgreSQL that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalDatabase>,
}

/// A single PostgreSQL that the operator runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(oldSelf.size) || !has(self.size) || \
    quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0")
    .message("database.managed.size cannot shrink: Kubernetes can only grow a volume"))]
pub struct ManagedDatabase {
    /// The size of its volume. 10Gi by default; it can grow where the storage class allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+(\\.[0-9]+)?(k|M|G|T|Ki|Mi|Gi|Ti)?$"))]
    pub size: Option<String>,
    /// The storage class; the cluster's default one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class_name: Option<String>,
    /// CPU and memory. By default 100m and 256Mi are requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Where the pod may run.
    #[serde(default)]
    pub scheduling: Scheduling,
    /// The whole reference of an image with PostgreSQL 15 or newer; the operator's own by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub image: Option<String>,
    /// Dumps of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
}

/// Scheduled dumps of the database, kept beside the images.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// When, as cron writes it. `0 3 * * *` by default, every night at three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 9, max = 100))]
    pub schedule: Option<String>,
    /// How many dumps are kept. 7 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub keep: Option<u32>,
}

/// A PostgreSQL that exists.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalDatabase {
    /// The Secret with a connection URL (`postgresql://user:password@host:port/database`) under the key `uri`, as
    /// the `…-app` Secret of CloudNativePG has it.
    pub url_secret_ref: SecretKey,
}

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DatabaseKind<'a> {
    /// Ours.
    Managed(&'a ManagedDatabase),
    /// Somebody else's.
    External(&'a ExternalDatabase),
}

static MANAGED: std::sync::LazyLock<ManagedDatabase> = std::sync::LazyLock::new(ManagedDatabase::default);

impl DatabaseSpec {
    /// Which of the two it is; managed by default.
    pub fn kind(&self) -> DatabaseKind<'_> {
        match (&self.external, &self.managed) {
            (Some(external), _) => DatabaseKind::External(external),
            (None, Some(managed)) => DatabaseKind::Managed(managed),
            (None, None) => DatabaseKind::Managed(&MANAGED),
        }
    }

    /// The operator's own, if it is.
    pub fn managed(&self) -> Option<&ManagedDatabase> {
        match self.kind() {
            DatabaseKind::Managed(managed) => Some(managed),
            DatabaseKind::External(_) => None,
        }
    }
}
