//! What requests read again and again: those that come at the same time share a query. Nothing is cached, see
//! [`store::together`].
use domain::account::CurrentUser;
use futures::future::try_join_all;
use sqlx::PgPool;
use std::{collections::HashMap, hash::Hash, sync::Arc};
use store::{
    accounts::{self, Account},
    boards::{self, Board, Listing},
    queue::{self, Look, Seen},
    together::Together,
};

/// The shared reads.
#[derive(Debug)]
pub struct Readers {
    /// Accounts by their ids: every request reads the one that it comes from.
    pub accounts: Together<String, Account>,
    /// States of queues: every open page asks with every change of any item.
    pub queues: Together<Look, Seen>,
    /// Boards as somebody sees them: every open page of theirs asks with every new image.
    pub boards: Together<(CurrentUser, Listing), Arc<[Board]>>,
}

impl Readers {
    /// Readers of this database; made inside of a runtime.
    pub fn new(pool: &PgPool) -> Self {
        Self {
            accounts: reader(pool, |pool, ids: Vec<String>| async move {
                let found = accounts::by_ids(&pool, &ids).await?;
                Ok(found.into_iter().map(|account| (account.user_id.clone(), account)).collect())
            }),
            queues: reader(pool, |pool, looks: Vec<Look>| async move {
                queue::queue_statuses(&pool, &looks).await
            }),
            boards: reader(pool, |pool, looks: Vec<(CurrentUser, Listing)>| async move {
                let lists = looks.into_iter().map(|look| async {
                    let boards = boards::list(&pool, &look.0, look.1).await?;
                    Ok::<_, store::Error>((look, boards.into()))
                });
                Ok(try_join_all(lists).await?.into_iter().collect())
            }),
        }
    }
}

/// A shared read of this database.
fn reader<K, V, R>(pool: &PgPool, read: impl Fn(PgPool, Vec<K>) -> R + Send + 'static) -> Together<K, V>
where
    K: Eq + Hash + Clone + Send + 'static,
    V: Clone + Send + 'static,
    R: Future<Output = store::Result<HashMap<K, V>>> + Send,
{
    let pool = pool.clone();
    Together::new(move |keys| read(pool.clone(), keys))
}
