//! The database of a root directory, whether its studio runs or not.
use super::Place;
use crate::{
    arguments::CommonOptions,
    configuration::{self, ConfigurationFile},
    data_directory::DataDirectory,
    postgres::Cluster,
};
use anyhow::Context;
use sqlx::PgPool;

/// A connection to the studio's accounts. Close it with [`Database::close`].
pub(super) struct Database {
    pool: PgPool,
    /// The private cluster and its lock, when this process had to start it.
    started: Option<(Cluster, DataDirectory)>,
}

impl Database {
    /// Connects; starts the private cluster for a moment when the studio is not running.
    pub(super) async fn open(place: &Place) -> anyhow::Result<Self> {
        let mut options = CommonOptions {
            root: place.root.clone(),
            database_url: place.database_url.clone(),
            ..CommonOptions::default()
        };
        let root = configuration::root(&options)?;
        ConfigurationFile::read(None, &root)?.complete_common(&mut options, &root);
        let (url, started) = match options.database_url {
            Some(url) => (url, None),
            // Who holds the lock runs the cluster.
            None if DataDirectory::is_in_use(&root) => (Cluster::url_in(&root), None),
            None => {
                let directory = DataDirectory::open(&root)?;
                let cluster = Cluster::start(directory.root()).await?;
                (cluster.url(), Some((cluster, directory)))
            }
        };
        let pool = store::database::connect(&url, 2).await.context("cannot connect to the database")?;
        store::database::migrate(&pool).await.context("cannot migrate the database")?;
        Ok(Self { pool, started })
    }

    /// The connections.
    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Ends the connections, and the cluster when it was started here.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.pool.close().await;
        if let Some((cluster, _lock)) = self.started {
            cluster.stop().await?;
        }
        Ok(())
    }
}
