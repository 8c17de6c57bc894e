//! Sessions and the first administrator.
use super::SecretKey;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// Sessions and the first administrator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthSpec {
    /// The Secret with the key that signs sessions: 32 characters or more under the key `key`. Made and kept by the
    /// operator when absent. A change ends every session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_key_secret_ref: Option<SecretKey>,
    /// The first administrator, who is there before the studio can be opened.
    #[serde(default)]
    pub administrator: Administrator,
}

/// The first administrator. Made once, when the studio has none; from then on the account belongs to the studio.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Administrator {
    /// The address to sign in with. `admin@invokeai.local` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 254), regex(pattern = r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$"))]
    pub email: Option<String>,
    /// The Secret with the password (key `password`). Generated into the Secret `NAME-administrator` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_secret_ref: Option<SecretKey>,
}

impl Administrator {
    /// The address to sign in with.
    pub fn email(&self) -> &str {
        self.email.as_deref().unwrap_or("admin@invokeai.local")
    }
}

/// Which `InvokeUser` resources a studio admits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsersSpec {
    /// The namespaces, beside the studio's own, whose users are admitted. None by default; `{}` admits all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<LabelSelector>,
}
