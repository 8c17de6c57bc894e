//! What requests read again and again: those that come at the same time share a query. Nothing is cached, see
//! [`store::together`].
use sqlx::PgPool;
use store::{
    accounts::{self, Account},
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
}

impl Readers {
    /// Readers of this database; made inside of a runtime.
    pub fn new(pool: &PgPool) -> Self {
        let accounts = {
            let pool = pool.clone();
            move |ids: Vec<String>| {
                let pool = pool.clone();
                async move {
                    let found = accounts::by_ids(&pool, &ids).await?;
                    Ok(found.into_iter().map(|account| (account.user_id.clone(), account)).collect())
                }
            }
        };
        let queues = {
            let pool = pool.clone();
            move |looks: Vec<Look>| {
                let pool = pool.clone();
                async move { queue::queue_statuses(&pool, &looks).await }
            }
        };
        Self { accounts: Together::new(accounts), queues: Together::new(queues) }
    }
}
