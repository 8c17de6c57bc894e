//! The operator's settings.
use clap::Args;
use std::time::Duration;

/// The operator's settings; each can also be an `INVOKEAI_OPERATOR_…` variable.
#[derive(Debug, Clone, Args)]
pub struct OperatorSettings {
    /// Watch only this namespace, in place of the whole cluster
    #[arg(long, env = "INVOKEAI_OPERATOR_NAMESPACE")]
    pub watch_namespace: Option<String>,
    /// The image of studios that do not say otherwise
    #[arg(long, env = "INVOKEAI_OPERATOR_STUDIO_IMAGE", default_value = concat!("docker.io/invokestudio/invokeai:", env!("CARGO_PKG_VERSION")))]
    pub studio_image: String,
    /// The image of managed databases that do not say otherwise
    #[arg(
        long,
        env = "INVOKEAI_OPERATOR_DATABASE_IMAGE",
        default_value = "docker.io/invokestudio/postgres:15"
    )]
    pub database_image: String,
    /// The namespace of the Lease by which one replica leads
    #[arg(long, env = "INVOKEAI_OPERATOR_LEASE_NAMESPACE", default_value = "default")]
    pub lease_namespace: String,
    /// The name of that Lease
    #[arg(long, env = "INVOKEAI_OPERATOR_LEASE_NAME", default_value = "invokeai-operator")]
    pub lease_name: String,
    /// The name of this replica
    #[arg(long, env = "INVOKEAI_OPERATOR_IDENTITY", default_value_t = default_identity())]
    pub identity: String,
    /// Where /metrics, /healthz and /readyz are served
    #[arg(long, env = "INVOKEAI_OPERATOR_LISTEN", default_value = "0.0.0.0:8080")]
    pub listen: std::net::SocketAddr,
    /// How many resources of a kind are worked on at once
    #[arg(long, env = "INVOKEAI_OPERATOR_CONCURRENCY", default_value_t = 8)]
    pub concurrency: u16,
}

/// How long one look at a resource may take; under load they take seconds.
pub(crate) const STEP_LIMIT: Duration = Duration::from_secs(120);

/// How often a studio is looked at, its queue for autoscaling above all.
pub(crate) const STUDIO_INTERVAL: Duration = Duration::from_secs(5);
/// How often an account is compared with its resource when nobody changed that.
pub(crate) const USER_INTERVAL: Duration = Duration::from_secs(30);

/// The name of the pod, by which Kubernetes names its host; two processes on one machine differ all the same.
fn default_identity() -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{}-{}", host.trim(), std::process::id())
}
