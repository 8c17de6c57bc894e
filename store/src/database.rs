//! Connect and migrate.
use crate::Result;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, Executor};
use std::{str::FromStr, time::Duration};

/// The schema's migrations, embedded.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// A connection that was idle for longer is tried before it is used: the server may have been started anew.
const TRUSTED: Duration = Duration::from_secs(1);
/// Each open connection is a process of Postgres with some megabytes. A pool takes its idle connections in turn, so one
/// that is used all the time keeps all of them: what runs at rest has a small pool, or a connection, of its own.
const IDLE: Duration = Duration::from_secs(10);
/// How long a connection serves what asks all the time.
const REPLACED: Duration = Duration::from_secs(20);

/// Connects a pool to `url` (`postgres://…`; a Unix socket as `?host=/dir`).
pub async fn connect(url: &str, connections: u32) -> Result<PgPool> {
    connect_with(url, PgPoolOptions::new().max_connections(connections)).await
}

/// As [`connect`], for what asks all the time: connections are replaced now and then, so that those that were once
/// needed beside each other do not stay.
pub async fn connect_steady(url: &str, connections: u32) -> Result<PgPool> {
    connect_with(url, PgPoolOptions::new().max_connections(connections).max_lifetime(REPLACED)).await
}

async fn connect_with(url: &str, pool: PgPoolOptions) -> Result<PgPool> {
    let options = PgConnectOptions::from_str(url)?.application_name("invoke");
    Ok(pool
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(IDLE)
        // A busy connection shows with each query that it lives; trying it before each one as well would take as
        // long as the query.
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for > TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        // Nobody reads the events behind an open transaction, so none may be forgotten open.
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute("set idle_in_transaction_session_timeout = '60s'").await.map(drop)
            })
        })
        .connect_with(options)
        .await?)
}

/// Applies the migrations that the database lacks; safe to run from several processes at once. Those of a later release
/// stay: each works with the release before it, so going back to that one works.
pub async fn migrate(pool: &PgPool) -> Result<()> {
    let mut migrator = Migrator::with_migrations(MIGRATOR.iter().cloned().collect());
    migrator.set_ignore_missing(true);
    Ok(migrator.run(pool).await?)
}
