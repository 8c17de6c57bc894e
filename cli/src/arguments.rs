//! The command line. Each setting can also be an `INVOKEAI_…` variable; the file comes last.
use crate::user;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// InvokeAI's multi-user studio: the server, its workers and its accounts.
#[derive(Debug, Parser)]
#[command(name = "invoke", version)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What `invoke` does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything on this machine: Postgres, server and worker. Ctrl-C stops all of it
    Up(UpOptions),
    /// Start only the server, on an existing Postgres
    Server(ServerOptions),
    /// Start only a worker, on an existing Postgres
    Worker(WorkerOptions),
    /// Add, change, delete and list accounts
    #[command(subcommand)]
    User(user::Command),
}

/// Settings that every command of the service shares.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CommonOptions {
    /// The directory of data: database, images, models. $HOME/invokeai; for root /var/lib/invokeai
    #[arg(long, short = 'r', env = "INVOKEAI_ROOT", visible_alias = "data-dir")]
    pub(crate) root: Option<PathBuf>,
    /// The configuration file; invokeai.yaml in the root when there is one
    #[arg(long, env = "INVOKEAI_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// An existing Postgres (postgres://user:password@host/database) in place of a private one
    #[arg(long, env = "INVOKEAI_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// The directory of image files; outputs in the root
    #[arg(long, env = "INVOKEAI_OUTPUTS_DIR")]
    pub(crate) outputs_dir: Option<PathBuf>,
    /// Where models with a relative path are; models in the root
    #[arg(long, env = "INVOKEAI_MODELS_DIR")]
    pub(crate) models_dir: Option<PathBuf>,
    /// Serve users in turn (round_robin), or strictly first in, first out (FIFO)
    #[arg(long, env = "INVOKEAI_SESSION_QUEUE_MODE")]
    pub(crate) session_queue_mode: Option<QueueModeName>,
    /// trace, debug, info, warning, error or critical; RUST_LOG refines it
    #[arg(long, env = "INVOKEAI_LOG_LEVEL")]
    pub(crate) log_level: Option<String>,
    /// Logs as text, or one JSON object a line
    #[arg(long, env = "INVOKEAI_LOG_FORMAT")]
    pub(crate) log_format: Option<String>,
}

/// Settings of the server.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServeSettings {
    /// The address to listen on; 0.0.0.0 serves the network
    #[arg(long, env = "INVOKEAI_HOST")]
    pub(crate) host: Option<String>,
    /// The port to listen on; 9090
    #[arg(long, env = "INVOKEAI_PORT")]
    pub(crate) port: Option<u16>,
    /// Accounts with a sign-in (true, the default), or everyone as one `system` account (false)
    #[arg(long, env = "INVOKEAI_MULTIUSER", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) multiuser: Option<bool>,
    /// Refuse weak passwords in place of only rating them
    #[arg(long, env = "INVOKEAI_STRICT_PASSWORD_CHECKING", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) strict_password_checking: Option<bool>,
    /// How many items may be queued; 10000
    #[arg(long, env = "INVOKEAI_MAX_QUEUE_SIZE")]
    pub(crate) max_queue_size: Option<u32>,
    /// The directory of the stock InvokeAI UI (with index.html)
    #[arg(long, env = "INVOKEAI_UI_DIR")]
    pub(crate) ui_dir: Option<PathBuf>,
}

/// Settings of the worker.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WorkSettings {
    /// Memory for loaded models, in GiB; half of the machine's
    #[arg(long, env = "INVOKEAI_MAX_CACHE_RAM_GB")]
    pub(crate) max_cache_ram_gb: Option<f64>,
    /// Where a worker of its own serves /metrics and /healthz, e.g. 0.0.0.0:9091; nowhere by default
    #[arg(long, env = "INVOKEAI_METRICS_ADDRESS")]
    pub(crate) metrics_address: Option<std::net::SocketAddr>,
    /// How many node results are kept for graphs that ask for them again; 512
    #[arg(long, env = "INVOKEAI_NODE_CACHE_SIZE")]
    pub(crate) node_cache_size: Option<usize>,
}

/// `invoke up`
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct UpOptions {
    #[command(flatten)]
    pub(crate) common: CommonOptions,
    #[command(flatten)]
    pub(crate) serve: ServeSettings,
    #[command(flatten)]
    pub(crate) work: WorkSettings,
    /// A directory with models to register at the first start
    #[arg(long, env = "INVOKEAI_BUNDLED_MODELS_DIR")]
    pub(crate) bundled_models_dir: Option<PathBuf>,
}

/// `invoke server`
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServerOptions {
    #[command(flatten)]
    pub(crate) common: CommonOptions,
    #[command(flatten)]
    pub(crate) serve: ServeSettings,
}

/// `invoke worker`
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WorkerOptions {
    #[command(flatten)]
    pub(crate) common: CommonOptions,
    #[command(flatten)]
    pub(crate) work: WorkSettings,
}

/// Upstream's names of the two orders of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
pub(crate) enum QueueModeName {
    /// Users take turns.
    #[value(name = "round_robin")]
    #[serde(rename = "round_robin")]
    RoundRobin,
    /// First in, first out.
    #[value(name = "FIFO", alias = "fifo")]
    #[serde(rename = "FIFO")]
    Fifo,
}

impl QueueModeName {
    /// The name itself.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RoundRobin => "round_robin",
            Self::Fifo => "FIFO",
        }
    }
}
