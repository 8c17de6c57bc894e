//! What every handler can reach, and the settings of the server.
use crate::{
    readers::Readers,
    session::token::{KeyMaterial, SigningKey},
};
use domain::node_schema::NodeSchema;
use sqlx::PgPool;
use std::{path::PathBuf, sync::Arc};
use store::files::ImageFiles;

/// The server's settings, under upstream's names where upstream has them.
#[derive(Debug, Clone)]
pub struct Config {
    /// Several people with accounts; otherwise everything belongs to `system` without a login.
    pub multiuser: bool,
    /// Passwords need eight characters with upper case, lower case and digits.
    pub strict_password_checking: bool,
    /// The most items that may wait in the queue.
    pub max_queue_size: u64,
    /// `round_robin` or `FIFO`.
    pub session_queue_mode: String,
    /// Whether a proxy stands before the server whose `X-Forwarded-For` tells where requests come from.
    pub behind_proxy: bool,
    /// The folder of the stock UI (with `index.html` in it).
    pub ui_dir: Option<PathBuf>,
    /// The key that signs sessions, when somebody else keeps it: the operator, who may then sign tokens of its own.
    /// Without it the key is made at the first start and kept in the database, and nobody else has it.
    pub signing_key: Option<KeyMaterial>,
    /// Where models that are installed by copy go.
    pub models_dir: PathBuf,
    /// The host that was configured, for `/api/v1/app/runtime_config`.
    pub host: String,
    /// The port that was configured, for `/api/v1/app/runtime_config`.
    pub port: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            multiuser: true,
            strict_password_checking: false,
            max_queue_size: 10_000,
            session_queue_mode: "round_robin".into(),
            behind_proxy: false,
            ui_dir: None,
            signing_key: None,
            models_dir: PathBuf::from("models"),
            host: "127.0.0.1".into(),
            port: 9090,
        }
    }
}

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Postgres.
    pub pool: PgPool,
    /// What requests read again and again.
    pub readers: Arc<Readers>,
    /// Image files.
    pub files: ImageFiles,
    /// The server's settings.
    pub config: Arc<Config>,
    /// The node types that workers run.
    pub node_schemas: Arc<Vec<NodeSchema>>,
    /// Signs and checks session tokens.
    pub signing_key: Arc<SigningKey>,
}
