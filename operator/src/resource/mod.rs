//! The resource types of group `invokeai.dev`: what people write, and what the operator reports.
//!
//! - [`studio`]: `InvokeAI`, a whole studio; [`user`]: `InvokeUser`, an account in it
//! - [`image`], [`server`], [`workers`], [`database`], [`storage`], [`auth`], [`monitoring`]: its parts
//! - [`scheduling`]: where pods may run
//! - [`status`], [`condition`]: what is reported
//! - [`reference`]: the documentation of every field, from these types
#![expect(unreachable_pub, reason = "what KubeSchema derives holds its structs inside of functions")]

pub mod auth;
pub mod condition;
pub mod database;
pub mod image;
pub mod monitoring;
pub mod reference;
pub mod scheduling;
pub mod server;
pub mod status;
pub mod storage;
pub mod studio;
pub mod user;
pub mod workers;

pub use studio::{InvokeAI, InvokeAISpec};
pub use user::{InvokeUser, InvokeUserSpec};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{CustomResourceExt, KubeSchema};
use serde::{Deserialize, Serialize};

/// A key of a Secret in the resource's own namespace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretKey {
    /// The name of the Secret.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The key in it. Its default depends on what is asked for, see there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl SecretKey {
    /// The key, or what it is by default.
    pub fn key_or<'a>(&'a self, default: &'a str) -> &'a str {
        self.key.as_deref().unwrap_or(default)
    }
}

/// Both definitions, as they are applied to a cluster.
pub fn definitions() -> [CustomResourceDefinition; 2] {
    [InvokeAI::crd(), InvokeUser::crd()]
}
