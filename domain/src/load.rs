//! The load of the queues, as the server tells it and the operator reads it: what scaling of workers goes by.
//!
//! Server and operator may be of different releases, so what was added later may be absent and is then empty.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The `user_id` that stands for all accounts that are not named; no account has it.
pub const OTHER_USERS: &str = "other";

/// The load of all queues together. Every pool of workers takes from the same queues, so what waits waits for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClusterLoad")]
pub struct Load {
    /// Items that wait.
    pub waiting: i64,
    /// Items that run.
    pub running: i64,
    /// For how long the oldest one has waited, in seconds; 0 when none waits.
    pub oldest_wait_seconds: i64,
    /// Whether an administrator paused the queue: nothing is taken then.
    #[serde(default)]
    pub paused: bool,
    /// The workers that have an item.
    #[serde(default)]
    pub busy_workers: Vec<String>,
    /// Workers by pool.
    #[serde(default)]
    pub pools: Vec<PoolLoad>,
    /// What accounts have waiting or running, those with the most first; what those have that are not named is
    /// together under [`OTHER_USERS`].
    #[serde(default)]
    pub users: Vec<UserLoad>,
    /// Every worker that is there or has an item.
    #[serde(default)]
    pub workers: Vec<WorkerLoad>,
}

/// What an account has in the queues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClusterUserLoad")]
pub struct UserLoad {
    /// The id of the account, never its address or name: this becomes a label of metrics.
    pub user_id: String,
    /// Its items that wait.
    pub waiting: i64,
    /// Its items that run.
    pub running: i64,
}

/// The workers of a pool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClusterPoolLoad")]
pub struct PoolLoad {
    /// The name of the pool.
    pub pool: String,
    /// How many workers are there.
    pub workers: i64,
    /// How many of them have an item.
    pub busy: i64,
}

/// A worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClusterWorkerLoad")]
pub struct WorkerLoad {
    /// The name under which it claims.
    pub worker_id: String,
    /// Its pool; null for one that claimed and has not told of itself.
    pub pool: Option<String>,
    /// What computes: `cpu` or `cuda`.
    pub device: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// It finishes its item and takes no other.
    pub is_draining: bool,
    /// The item that it has.
    pub item_id: Option<i64>,
    /// For how long it has had it, in seconds.
    pub busy_seconds: Option<i64>,
}
