//! How much there is to do, and who does it: what scaling of workers goes by.
use crate::{Error, Result, workers::SILENCE};
use domain::{
    account::CurrentUser,
    load::{Load, OTHER_USERS, PoolLoad, UserLoad, WorkerLoad},
};
use sqlx::PgPool;
use std::collections::BTreeMap;

/// How many accounts the load names; metrics have a series for each.
const NAMED_USERS: usize = 100;

/// The load now.
///
/// # Errors
/// [`Error::Forbidden`] for others than administrators.
pub async fn load(pool: &PgPool, viewer: &CurrentUser) -> Result<Load> {
    if !viewer.is_admin {
        return Err(Error::Forbidden);
    }
    let counts = sqlx::query!(
        r#"select coalesce(sum(items) filter (where status = 'pending'), 0)::bigint as "waiting!",
            coalesce(sum(items) filter (where status = 'in_progress'), 0)::bigint as "running!",
            (select coalesce(greatest(extract(epoch from clock_timestamp() - min(created_at)), 0), 0)::bigint
                from queue_items where status = 'pending') as "oldest_wait_seconds!",
            (select paused from queue_processor) as "paused!"
        from queue_counts"#
    )
    .fetch_one(pool)
    .await?;
    let workers = sqlx::query_as!(
        WorkerLoad,
        r#"select coalesce(w.worker_id, q.worker_id) as "worker_id!", w.pool as "pool?", w.device as "device?",
            w.version as "version?", coalesce(w.is_draining, false) as "is_draining!", q.item_id as "item_id?",
            extract(epoch from clock_timestamp() - q.started_at)::bigint as "busy_seconds?"
        from (select * from workers where seen_at > clock_timestamp() - make_interval(secs => $1)) as w
        full join (
            select distinct on (worker_id) worker_id, item_id, started_at from queue_items
            where status = 'in_progress' and worker_id is not null order by worker_id, item_id
        ) as q on q.worker_id = w.worker_id
        order by 1"#,
        SILENCE,
    )
    .fetch_all(pool)
    .await?;
    let users = sqlx::query_as!(
        UserLoad,
        r#"select user_id, coalesce(sum(items) filter (where status = 'pending'), 0)::bigint as "waiting!",
            coalesce(sum(items) filter (where status = 'in_progress'), 0)::bigint as "running!"
        from queue_counts where status in ('pending', 'in_progress')
        group by user_id having sum(items) > 0 order by sum(items) desc, user_id"#
    )
    .fetch_all(pool)
    .await?;
    Ok(Load {
        waiting: counts.waiting,
        running: counts.running,
        oldest_wait_seconds: counts.oldest_wait_seconds,
        paused: counts.paused,
        busy_workers: busy(&workers).map(|worker| worker.worker_id.clone()).collect(),
        pools: by_pool(&workers),
        users: named(users),
        workers,
    })
}

fn busy(workers: &[WorkerLoad]) -> impl Iterator<Item = &WorkerLoad> {
    workers.iter().filter(|worker| worker.item_id.is_some())
}

fn by_pool(workers: &[WorkerLoad]) -> Vec<PoolLoad> {
    let mut pools: BTreeMap<&str, PoolLoad> = BTreeMap::new();
    for worker in workers {
        let Some(name) = worker.pool.as_deref() else { continue };
        let pool =
            pools.entry(name).or_insert_with(|| PoolLoad { pool: name.to_owned(), ..PoolLoad::default() });
        pool.workers += 1;
        pool.busy += i64::from(worker.item_id.is_some());
    }
    pools.into_values().collect()
}

/// Puts all accounts beyond the first ones together.
fn named(mut users: Vec<UserLoad>) -> Vec<UserLoad> {
    if users.len() > NAMED_USERS {
        let rest = users.split_off(NAMED_USERS);
        let sum = |number: fn(&UserLoad) -> i64| rest.iter().map(number).sum();
        let (waiting, running) = (sum(|user| user.waiting), sum(|user| user.running));
        users.push(UserLoad { user_id: OTHER_USERS.to_owned(), waiting, running });
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_beyond_the_hundred_busiest_are_one_line_together() {
        let one =
            |number: i64| UserLoad { user_id: format!("u{number}"), waiting: 1000 - number, running: 1 };
        let few: Vec<UserLoad> = (0..100).map(one).collect();
        assert_eq!(named(few.clone()), few);
        let many = named((0..103).map(one).collect());
        assert_eq!(many.len(), NAMED_USERS + 1);
        assert_eq!(
            many.last(),
            Some(&UserLoad { user_id: "other".into(), waiting: 900 + 899 + 898, running: 3 })
        );
    }
}
