//! The desired objects of a studio, as a function of values: no client, no clock, no chance.
//!
//! - [`names`]: names and labels; [`manifest`]: an object as it is applied
//! - [`pod`]: what all pods share; [`environment`]: the settings that containers get
//! - one file a Kubernetes kind: [`config_map`], [`service_account`], [`claim`], [`service`], [`ingress`],
//!   [`deployment`], [`stateful_set`], [`job`], [`cron_job`], [`network_policy`], [`disruption_budget`], [`pod_monitor`]
//! - [`secret`]: Secrets are generated once and kept, so they are made apart from the rest
mod claim;
mod config_map;
mod cron_job;
mod deployment;
mod disruption_budget;
mod environment;
mod ingress;
mod job;
pub mod manifest;
pub mod names;
mod network_policy;
mod pod;
mod pod_monitor;
pub mod secret;
mod service;
mod service_account;
mod stateful_set;
#[cfg(test)]
mod tests;

pub use job::migration as migration_job;
pub use manifest::{Manifest, Retention};

use crate::resource::InvokeAI;
use std::collections::BTreeMap;

/// What `build` needs to know, beside the resource itself.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// The resource.
    pub studio: InvokeAI,
    /// The image that studios run when they do not say otherwise.
    pub default_image: String,
    /// The image of managed databases that do not say otherwise.
    pub database_image: String,
    /// Digests of Secrets, which make pods roll when a Secret changes.
    pub digests: Digests,
    /// Where the database answers, for the network policies.
    pub database_port: u16,
    /// The image of the server as far as the rollout has come; `None`: there is no server yet.
    pub server_image: Option<String>,
    /// The image and the number of workers of each pool, by its name; pools that are not here do not exist yet.
    pub pools: BTreeMap<String, Pool>,
    /// Whether the migration may run now.
    pub migrate: bool,
    /// Whether the cluster knows PodMonitors and PrometheusRules.
    pub has_prometheus_operator: bool,
}

/// A pool as far as the rollout has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    /// The image.
    pub image: String,
    /// The number of workers.
    pub replicas: i32,
}

/// Digests of what Secrets hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests {
    /// The key that signs sessions.
    pub signing_key: String,
    /// The URL of the database.
    pub database: String,
    /// The credentials of S3.
    pub storage: String,
}

/// Every object that the studio needs now, in the order in which they are applied.
pub fn objects(input: &Input) -> Vec<Manifest> {
    let mut objects = vec![service_account::pods(input), config_map::settings(input)];
    objects.extend(claim::all(input));
    objects.extend(network_policy::all(input));
    objects.push(service::server(input));
    if input.studio.spec.database.managed().is_some() {
        objects.push(config_map::database_start(input));
        objects.push(service::database(input));
        objects.push(stateful_set::database(input));
        objects.extend(cron_job::backup(input));
    }
    if input.migrate {
        objects.push(job::migration(input));
    }
    objects.extend(deployment::server(input));
    objects.extend(ingress::server(input));
    objects.extend(disruption_budget::server(input));
    for (name, spec) in input.studio.spec.pools() {
        if let Some(pool) = input.pools.get(name) {
            objects.push(deployment::workers(input, name, spec, pool));
            objects.extend(disruption_budget::workers(input, name, pool));
        }
    }
    objects.extend(pod_monitor::studio(input));
    objects
}
