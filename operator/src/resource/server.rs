//! The server of a studio.
use super::scheduling::Scheduling;
use k8s_openapi::api::core::v1::ResourceRequirements;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The server: the HTTP API, the sockets and the web UI.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerSpec {
    /// How many servers run. 1 by default; from 2 on, one can go without anybody noticing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50))]
    pub replicas: Option<i32>,
    /// CPU and memory. By default 100m and 256Mi are requested and memory is limited to 2Gi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Where the pods may run.
    #[serde(default)]
    pub scheduling: Scheduling,
    /// The type of the Service. `ClusterIP` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_type: Option<ServiceType>,
    /// Makes the studio reachable under a host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingress: Option<IngressSpec>,
    /// The application's settings, under InvokeAI's own names.
    #[serde(default)]
    pub settings: ServerSettings,
}

/// The types of Service that make sense here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are Kubernetes'")]
pub enum ServiceType {
    ClusterIP,
    NodePort,
    LoadBalancer,
}

/// An Ingress for the studio.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct IngressSpec {
    /// The host name, for instance `studio.example.org`.
    #[schemars(
        length(min = 1, max = 253),
        regex(pattern = r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
    )]
    pub host: String,
    /// The ingress class; the cluster's default one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_name: Option<String>,
    /// The Secret with the certificate of the host. Without one the studio is served over plain HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_secret_name: Option<String>,
    /// Annotations for the ingress controller, beside the operator's own for uploads and sockets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// The application's settings, under the names of InvokeAI's configuration file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
pub struct ServerSettings {
    /// Accounts with a sign-in (true, the default), or everybody as one account (false).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiuser: Option<bool>,
    /// Refuse weak passwords in place of only rating them. false by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict_password_checking: Option<bool>,
    /// Serve people in turn (`round_robin`, the default), or strictly first in, first out (`FIFO`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_queue_mode: Option<QueueMode>,
    /// How many items may wait. 10000 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_queue_size: Option<u32>,
    /// trace, debug, info, warning, error or critical. info by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_level: Option<LogLevel>,
}

/// In which order people are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are InvokeAI's")]
pub enum QueueMode {
    #[serde(rename = "round_robin")]
    RoundRobin,
    #[serde(rename = "FIFO")]
    Fifo,
}

impl QueueMode {
    /// The name as InvokeAI writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RoundRobin => "round_robin",
            Self::Fifo => "FIFO",
        }
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are InvokeAI's")]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl LogLevel {
    /// The name as InvokeAI writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}
