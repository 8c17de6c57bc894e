//! What can go wrong in the store.
use std::sync::Arc;

/// The store's errors, named for causes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row does not exist, or the asker may not know that it does.
    #[error("not found")]
    NotFound,
    /// The asker may not do this.
    #[error("forbidden")]
    Forbidden,
    /// A uniqueness or state rule refuses the change; the text is for the client.
    #[error("{0}")]
    Conflict(String),
    /// A write of a worker whose lease is no longer its own.
    #[error("the lease of this item is lost")]
    LeaseLost,
    /// Postgres.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A migration did not apply.
    #[error(transparent)]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A read that others waited for too.
    #[error(transparent)]
    Shared(#[from] Arc<Error>),
    /// Image files.
    #[error(transparent)]
    Files(#[from] object_store::Error),
    /// JSON of a column.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;
