//! `InvokeUser`: an account in a studio.
#![expect(clippy::duplicated_attributes, reason = "columns of one type are not duplicates")]
use super::SecretKey;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An account. Fields that are absent are left to people in the UI; fields that are present win.
#[derive(Debug, Clone, Default, PartialEq, CustomResource, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "invokeai.dev",
    version = "v1alpha1",
    kind = "InvokeUser",
    shortname = "iuser",
    namespaced,
    status = "UserStatus",
    derive = "PartialEq",
    derive = "Default",
    doc = "An account in a studio.",
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].status"
    ),
    printcolumn(name = "Studio", type_ = "string", json_path = ".spec.instance.name"),
    printcolumn(name = "Email", type_ = "string", json_path = ".spec.email"),
    printcolumn(name = "Admin", type_ = "boolean", json_path = ".spec.admin"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[x_kube(validation = Rule::new("self.email == oldSelf.email")
    .message("the email of an account cannot change: delete this resource and make another one"))]
#[x_kube(validation = Rule::new("self.instance == oldSelf.instance")
    .message("an account cannot move to another studio: delete this resource and make another one"))]
#[x_kube(validation = Rule::new("!(has(self.passwordSecretRef) && has(self.generatePassword) && self.generatePassword)")
    .message("give passwordSecretRef or generatePassword, not both"))]
#[x_kube(validation = Rule::new("!has(self.reassignTo) || (has(self.reclaimPolicy) && self.reclaimPolicy == 'Delete')")
    .message("reassignTo says who gets the images of a deleted account: it needs reclaimPolicy Delete"))]
#[x_kube(validation = Rule::new("!has(self.reassignTo) || self.reassignTo != self.email")
    .message("reassignTo must be another account"))]
pub struct InvokeUserSpec {
    /// The studio.
    pub instance: InstanceReference,
    /// The address to sign in with. It cannot change.
    #[schemars(length(min = 3, max = 254), regex(pattern = r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$"))]
    pub email: String,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub display_name: Option<String>,
    /// Whether the account is an administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// Whether one may sign in with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The Secret with the password (key `password`). A change of it ends the account's sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_secret_ref: Option<SecretKey>,
    /// Generate a password into the Secret `NAME-password`, which goes with this resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate_password: Option<bool>,
    /// What becomes of the account when this resource is deleted. `Deactivate` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reclaim_policy: Option<ReclaimPolicy>,
    /// The address of the account that gets boards, images and workflows of a deleted one. Without it they stay, and
    /// administrators see them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 254))]
    pub reassign_to: Option<String>,
}

/// A studio.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceReference {
    /// The name of the `InvokeAI`.
    #[schemars(length(min = 1, max = 30))]
    pub name: String,
    /// Its namespace; this resource's own when absent. The studio must admit users from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub namespace: Option<String>,
}

/// What becomes of an account when its resource is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ReclaimPolicy {
    /// It stays as it is.
    Retain,
    /// Nobody can sign in with it any more.
    #[default]
    Deactivate,
    /// It is deleted.
    Delete,
}

/// What the operator reports of an account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserStatus {
    /// The generation of the resource that this speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// `Ready`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// The id of the account in the studio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The Secret with the password, when one is named or was generated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_secret_name: Option<String>,
    /// A keyed digest of the password that was set last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_digest: Option<String>,
    /// When the operator last changed the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change_time: Option<String>,
}

impl InvokeUserSpec {
    /// What becomes of the account.
    pub fn reclaim_policy(&self) -> ReclaimPolicy {
        self.reclaim_policy.unwrap_or_default()
    }
}
