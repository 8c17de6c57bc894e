//! How far the way to the desired image has come: migration first, then the server, then the workers.
//!
//! A failed migration leaves everything on the image it has. A studio that is new waits for its database, migrates, and
//! then starts everything.
use std::collections::BTreeMap;

/// A Deployment as far as the rollout is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workload {
    /// The image that is asked for.
    pub image: String,
    /// Whether all its pods run what is asked for, and are ready.
    pub complete: bool,
}

/// Where the migration to the desired image is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Migration {
    /// There is none.
    #[default]
    Absent,
    /// It runs.
    Running,
    /// It is done.
    Done,
    /// It failed; when, and what it said.
    Failed {
        /// Seconds since it failed.
        seconds_ago: i64,
        /// What it said.
        message: String,
    },
}

/// What is known.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Whether the database can be connected to.
    pub database_ready: bool,
    /// The migration to the desired image.
    pub migration: Migration,
    /// The server.
    pub server: Option<Workload>,
    /// Each pool that has a Deployment.
    pub pools: BTreeMap<String, Workload>,
}

/// What is to be now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rollout {
    /// Whether the migration's Job is to exist.
    pub migrate: bool,
    /// The server's image; none before the first migration.
    pub server_image: Option<String>,
    /// The image of each pool that is to exist.
    pub pool_images: BTreeMap<String, String>,
    /// Whether everything has the desired image.
    pub complete: bool,
}

/// The next step on the way to `image`, and for each pool to its image in `pools`.
pub fn plan(image: &str, pools: &BTreeMap<String, String>, facts: &Facts) -> Rollout {
    let migrated = facts.migration == Migration::Done;
    let server_image = match (&facts.server, migrated) {
        (_, true) => Some(image.to_owned()),
        (Some(server), false) => Some(server.image.clone()),
        (None, false) => None,
    };
    let server_done = facts.server.as_ref().is_some_and(|server| server.image == image && server.complete);
    let mut pool_images = BTreeMap::new();
    for (name, wanted) in pools {
        let image = match facts.pools.get(name) {
            // A worker that runs goes on with its image until every server has the new one.
            Some(pool) if !(migrated && server_done) => Some(pool.image.clone()),
            Some(_) => Some(wanted.clone()),
            None => migrated.then(|| wanted.clone()),
        };
        pool_images.extend(image.map(|image| (name.clone(), image)));
    }
    let pools_done = pools.iter().all(|(name, wanted)| pool_images.get(name) == Some(wanted));
    Rollout {
        migrate: facts.database_ready || facts.migration != Migration::Absent,
        complete: migrated && server_done && pools_done,
        server_image,
        pool_images,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pools(image: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("default".to_owned(), image.to_owned())])
    }

    fn running(image: &str, complete: bool) -> Facts {
        let workload = Workload { image: image.into(), complete };
        Facts {
            database_ready: true,
            server: Some(workload.clone()),
            pools: BTreeMap::from([("default".into(), workload)]),
            ..Facts::default()
        }
    }

    #[test]
    fn a_new_studio_waits_for_its_database_then_migrates_then_starts() {
        let waits = plan("new", &pools("new"), &Facts::default());
        assert_eq!(waits, Rollout::default());
        let migrates = plan("new", &pools("new"), &Facts { database_ready: true, ..Facts::default() });
        assert_eq!((migrates.migrate, migrates.server_image), (true, None));
        let done = Facts { database_ready: true, migration: Migration::Done, ..Facts::default() };
        let starts = plan("new", &pools("new"), &done);
        assert_eq!((starts.server_image.as_deref(), starts.pool_images), (Some("new"), pools("new")));
    }

    #[test]
    fn a_failed_migration_leaves_the_old_version_serving() {
        let failed = Migration::Failed { seconds_ago: 1, message: "no".into() };
        let next = plan("new", &pools("new"), &Facts { migration: failed, ..running("old", true) });
        assert_eq!((next.server_image.as_deref(), next.pool_images), (Some("old"), pools("old")));
        assert!(!next.complete);
    }

    #[test]
    fn workers_follow_only_when_every_server_has_the_new_image() {
        let mut facts = Facts { migration: Migration::Done, ..running("old", true) };
        let next = plan("new", &pools("new"), &facts);
        assert_eq!((next.server_image.as_deref(), next.pool_images), (Some("new"), pools("old")));
        facts.server = Some(Workload { image: "new".into(), complete: false });
        assert_eq!(plan("new", &pools("new"), &facts).pool_images, pools("old"));
        facts.server = Some(Workload { image: "new".into(), complete: true });
        let last = plan("new", &pools("new"), &facts);
        assert_eq!(last.pool_images, pools("new"));
        assert!(last.complete);
    }
}
