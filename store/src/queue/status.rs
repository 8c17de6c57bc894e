//! The state of a queue in upstream's shape, for one or for many who look.
use super::counts::Counts;
use crate::Result;
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{PgConnection, PgPool};
use std::collections::{HashMap, HashSet};

/// The state of a queue. Counts are of everybody; the current item is told only to who may see it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "SessionQueueStatus")]
#[expect(missing_docs, reason = "the names are the wire's")]
pub struct QueueStatus {
    pub queue_id: String,
    pub item_id: Option<i64>,
    pub batch_id: Option<String>,
    pub session_id: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
    pub user_pending: Option<i64>,
    pub user_in_progress: Option<i64>,
}

impl QueueStatus {
    /// Whether anything runs.
    pub const fn is_processing(&self) -> bool {
        self.counts.in_progress > 0
    }
}

/// Who looks at which queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Look {
    /// The queue.
    pub queue_id: String,
    /// Who looks.
    pub viewer: CurrentUser,
}

/// A queue and its processor at one moment.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The queue.
    pub queue: QueueStatus,
    /// Whether workers take no new items.
    pub is_paused: bool,
}

/// The state of a queue as `viewer` sees it.
pub async fn queue_status(pool: &PgPool, viewer: &CurrentUser, queue_id: &str) -> Result<QueueStatus> {
    queue_status_on(&mut *pool.acquire().await?, viewer, queue_id).await
}

/// The states of queues as those who look see them, by one query for each queue.
pub async fn queue_statuses(pool: &PgPool, looks: &[Look]) -> Result<HashMap<Look, Seen>> {
    let mut connection = pool.acquire().await?;
    let mut seen = HashMap::with_capacity(looks.len());
    let queues: HashSet<&str> = looks.iter().map(|look| look.queue_id.as_str()).collect();
    for queue_id in queues {
        let at_it = || looks.iter().filter(|look| look.queue_id == queue_id);
        let viewers: Vec<String> = at_it().map(|look| look.viewer.user_id.clone()).collect();
        let state = read(&mut connection, queue_id, &viewers).await?;
        seen.extend(at_it().map(|look| (look.clone(), state.seen_by(queue_id, &look.viewer))));
    }
    Ok(seen)
}

pub(super) async fn queue_status_on(
    connection: &mut PgConnection,
    viewer: &CurrentUser,
    queue_id: &str,
) -> Result<QueueStatus> {
    let state = read(connection, queue_id, std::slice::from_ref(&viewer.user_id)).await?;
    Ok(state.seen_by(queue_id, viewer).queue)
}

/// Everything of a queue, of which viewers may see some.
struct Everything {
    is_paused: bool,
    rows: Vec<Row>,
}

/// Either a number of items in a status, of one of the viewers or of all others together; or an item that runs.
struct Row {
    paused: bool,
    user_id: Option<String>,
    status: Option<String>,
    items: Option<i64>,
    item_id: Option<i64>,
    batch_id: Option<String>,
    session_id: Option<String>,
}

async fn read(connection: &mut PgConnection, queue_id: &str, viewers: &[String]) -> Result<Everything> {
    // One queue only: with a list of them Postgres would plan the query anew each time, which takes longer than the
    // query.
    let rows = sqlx::query_as!(
        Row,
        r#"select paused, part.user_id, part.status, part.items, part.item_id, part.batch_id, part.session_id
        from queue_processor left join lateral (
            select case when user_id = any($2) then user_id end as user_id, status, sum(items)::bigint as items,
                null::bigint as item_id, null::text as batch_id, null::text as session_id
            from queue_counts where queue_id = $1 group by 1, 2
            union all
            select user_id, null, null, item_id, batch_id, session_id
            from queue_items where queue_id = $1 and status = 'in_progress'
        ) as part on true
        order by part.item_id"#,
        queue_id,
        viewers,
    )
    .fetch_all(connection)
    .await?;
    Ok(Everything { is_paused: rows.first().is_some_and(|row| row.paused), rows })
}

impl Everything {
    fn seen_by(&self, queue_id: &str, viewer: &CurrentUser) -> Seen {
        let is_own = |row: &&Row| row.user_id.as_ref() == Some(&viewer.user_id);
        let own = |status: &str| {
            let own = self.rows.iter().filter(is_own).filter(|row| row.status.as_deref() == Some(status));
            Some(own.filter_map(|row| row.items).sum())
        };
        let counted = self.rows.iter().filter_map(|row| Some((row.status.clone()?, row.items?)));
        let current = self.rows.iter().find(|row| row.item_id.is_some() && (viewer.is_admin || is_own(row)));
        let queue = QueueStatus {
            queue_id: queue_id.to_owned(),
            item_id: current.and_then(|row| row.item_id),
            batch_id: current.and_then(|row| row.batch_id.clone()),
            session_id: current.and_then(|row| row.session_id.clone()),
            counts: Counts::of(counted),
            user_pending: own("pending"),
            user_in_progress: own("in_progress"),
        };
        Seen { queue, is_paused: self.is_paused }
    }
}
