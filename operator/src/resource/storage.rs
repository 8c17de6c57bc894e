//! Where images and models are kept.
use super::SecretKey;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where images are kept: on a volume (the default), or in S3.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.volume) && has(self.s3))")
    .message("give storage.volume or storage.s3, not both: images are kept in one place"))]
pub struct StorageSpec {
    /// A volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<Volume>,
    /// A bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3: Option<S3>,
}

/// A volume: a claim that exists, or one that the operator makes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.claimName) && (has(self.size) || has(self.storageClassName) || has(self.accessMode)))")
    .message("a claim that exists (claimName) has its own size, class and access mode: give one or the other"))]
#[x_kube(validation = Rule::new("!has(oldSelf.size) || !has(self.size) || \
    quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0")
    .message("size cannot shrink: Kubernetes can only grow a volume"))]
pub struct Volume {
    /// The name of a claim that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub claim_name: Option<String>,
    /// The size of a claim that the operator makes. 50Gi by default; it can grow where the class allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+(\\.[0-9]+)?(k|M|G|T|Ki|Mi|Gi|Ti)?$"))]
    pub size: Option<String>,
    /// The storage class; the cluster's default one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class_name: Option<String>,
    /// `ReadWriteOnce` (the default: every pod on one node) or `ReadWriteMany` (pods on several nodes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_mode: Option<AccessMode>,
}

/// How many nodes may mount a volume.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are Kubernetes'")]
pub enum AccessMode {
    #[default]
    ReadWriteOnce,
    ReadWriteMany,
}

impl AccessMode {
    /// The name as Kubernetes writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadWriteOnce => "ReadWriteOnce",
            Self::ReadWriteMany => "ReadWriteMany",
        }
    }
}

/// A bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct S3 {
    /// The name of the bucket.
    #[schemars(length(min = 3, max = 63))]
    pub bucket: String,
    /// What the names of all objects start with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The URL of a service other than Amazon's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512), regex(pattern = "^https?://.+$"))]
    pub endpoint: Option<String>,
    /// The region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The Secret with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. Without one, the pod's own identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_secret_name: Option<String>,
    /// Annotations of the pods' ServiceAccount, with which clouds give a pod an identity.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub service_account_annotations: std::collections::BTreeMap<String, String>,
}

/// Where models are kept: on a volume that the server writes and workers only read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelsSpec {
    /// The volume.
    #[serde(default)]
    pub volume: Volume,
    /// Offer the small model that comes with the image. true by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundled: Option<bool>,
    /// The Secret with a token for Hugging Face (key `token`), for models that ask for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hugging_face_token_secret_ref: Option<SecretKey>,
}
