//! What a worker is told at its start.
use std::path::PathBuf;
use std::time::Duration;

use store::queue::QueueMode;

use crate::inference::{Precision, Provider};

/// The settings of a worker.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name under which it claims; unique among workers.
    pub worker_id: String,
    /// The pool that it belongs to, for whoever scales them. All pools take from the same queue.
    pub pool: String,
    /// What computes; the process has to have chosen it.
    pub provider: Provider,
    /// In what models compute.
    pub precision: Precision,
    /// In which order it takes items.
    pub mode: QueueMode,
    /// Bytes of weights that it keeps loaded.
    pub model_memory: u64,
    /// How many outputs of nodes it keeps; 0 is none.
    pub node_cache_size: usize,
    /// Relative paths of models start here.
    pub models_dir: PathBuf,
    /// How long an item stays its own after a heartbeat.
    pub lease: Duration,
    /// How long a running item may go on once the worker is asked to stop.
    pub grace: Duration,
    /// How often it looks for items when nobody wakes it.
    pub poll: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            worker_id: format!("worker-{}", uuid::Uuid::new_v4()),
            pool: "default".into(),
            provider: Provider::default(),
            precision: Precision::default(),
            mode: QueueMode::RoundRobin,
            model_memory: 4 << 30,
            node_cache_size: 512,
            models_dir: PathBuf::from("models"),
            lease: Duration::from_secs(15),
            grace: Duration::from_secs(20),
            poll: Duration::from_secs(1),
        }
    }
}
