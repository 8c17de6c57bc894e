//! The command line. Each setting can also be an `INVOKEAI_…` variable; the file comes last.
#[cfg(feature = "operator")]
use crate::operate;
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
    /// Bring an existing Postgres up to date for this version, and end
    Migrate(MigrateOptions),
    /// Add, change, delete and list accounts
    #[command(subcommand)]
    User(user::Command),
    /// Keep the studios of a Kubernetes cluster as their resources describe them
    #[cfg(feature = "operator")]
    Operator(operate::OperatorOptions),
    /// Look after a studio in a Kubernetes cluster
    #[cfg(feature = "operator")]
    Cluster(operate::ClusterOptions),
}

impl Command {
    /// The command that the program's own name stands for, with its arguments read; `None` for `invoke`.
    pub(crate) fn parse_from_name(name: &str) -> Option<Self> {
        #[cfg(feature = "operator")]
        if let Some(options) = operate::ClusterOptions::parse_from_name(name) {
            return Some(Self::Cluster(options));
        }
        user::Command::parse_from_name(name).map(Self::User)
    }
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
    /// The bucket of image files, in place of a directory. Credentials are AWS_ACCESS_KEY_ID and its kin
    #[arg(long, env = "INVOKEAI_S3_BUCKET")]
    pub(crate) s3_bucket: Option<String>,
    /// What the names of all objects in the bucket start with
    #[arg(long, env = "INVOKEAI_S3_PREFIX")]
    pub(crate) s3_prefix: Option<String>,
    /// The URL of an S3 other than Amazon's
    #[arg(long, env = "INVOKEAI_S3_ENDPOINT")]
    pub(crate) s3_endpoint: Option<String>,
    /// The region of the bucket
    #[arg(long, env = "INVOKEAI_S3_REGION")]
    pub(crate) s3_region: Option<String>,
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
    /// A file with the key that signs sessions, at least 32 characters; without one it is kept in the database
    #[arg(long, env = "INVOKEAI_SIGNING_KEY_FILE")]
    pub(crate) signing_key_file: Option<PathBuf>,
    /// A proxy stands before the server: believe its X-Forwarded-For when failed sign-ins are counted by address
    #[arg(long, env = "INVOKEAI_BEHIND_PROXY", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) behind_proxy: Option<bool>,
    /// The directory of the stock InvokeAI UI (with index.html)
    #[arg(long, env = "INVOKEAI_UI_DIR")]
    pub(crate) ui_dir: Option<PathBuf>,
}

/// Settings of the worker.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WorkSettings {
    /// The name under which it takes items, unique among workers; made up by default
    #[arg(long, env = "INVOKEAI_WORKER_ID")]
    pub(crate) worker_id: Option<String>,
    /// The name of the pool that it belongs to; default
    #[arg(long, env = "INVOKEAI_WORKER_POOL")]
    pub(crate) worker_pool: Option<String>,
    /// What computes: cpu (the default) or cuda. A worker that cannot have it ends with an error
    #[arg(long, env = "INVOKEAI_EXECUTION_PROVIDER")]
    pub(crate) execution_provider: Option<ProviderName>,
    /// The precision of models: auto (the default: float16 with CUDA, else float32), float16 or float32; bfloat16 is refused
    #[arg(long, env = "INVOKEAI_PRECISION")]
    pub(crate) precision: Option<PrecisionName>,
    /// Seconds that a running item may go on once the worker is to stop; then it goes back into the queue. 20
    #[arg(long, env = "INVOKEAI_DRAIN_SECONDS")]
    pub(crate) drain_seconds: Option<u64>,
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
    /// A directory with models to register at the first start. What people see of them is in `invokeai.json` of a folder
    /// or `NAME.invokeai.json` beside NAME.safetensors: description, trigger_phrases, default_settings, cover (a file)
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

/// `invoke migrate`
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MigrateOptions {
    #[command(flatten)]
    pub(crate) common: CommonOptions,
    /// Make this the administrator of a studio that has none, with the password in INVOKEAI_ADMINISTRATOR_PASSWORD
    #[arg(long, env = "INVOKEAI_ADMINISTRATOR_EMAIL")]
    pub(crate) administrator_email: Option<String>,
    /// A directory with models to register; an empty one is none. A text, as no path may be empty
    #[arg(long, env = "INVOKEAI_BUNDLED_MODELS_DIR")]
    pub(crate) bundled_models_dir: Option<String>,
}

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProviderName {
    /// The processor.
    Cpu,
    /// NVIDIA's GPUs.
    Cuda,
}

/// InvokeAI's names of precisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PrecisionName {
    /// The best that the execution provider has.
    Auto,
    /// Half precision.
    Float16,
    /// Half precision with the range of single.
    Bfloat16,
    /// Single precision.
    Float32,
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
