//! Reads that many ask for at once are done together: whoever asks while a read is under way waits for the next one,
//! and that one answers all who wait. Nothing is kept, so what a reader gets was read after it asked, as if it had
//! read alone.
use crate::{Error, Result};
use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
};
use tokio::sync::{mpsc, oneshot};

/// The most who are answered by one read.
const MOST: usize = 256;

type Answer<V> = std::result::Result<Option<V>, Arc<Error>>;

/// Reads values by their keys, those of all who wait in one go.
#[derive(Debug)]
pub struct Together<K, V> {
    waiting: mpsc::UnboundedSender<(K, oneshot::Sender<Answer<V>>)>,
}

impl<K, V> Together<K, V>
where
    K: Eq + Hash + Clone + Send + 'static,
    V: Clone + Send + 'static,
{
    /// `read` gets each key once, and gives the values that exist. It is called from a task of the runtime that this is
    /// made in; the task ends with `Together`.
    pub fn new<F, R>(mut read: F) -> Self
    where
        F: FnMut(Vec<K>) -> R + Send + 'static,
        R: Future<Output = Result<HashMap<K, V>>> + Send,
    {
        let (waiting, mut asked) = mpsc::unbounded_channel::<(K, oneshot::Sender<Answer<V>>)>();
        tokio::spawn(async move {
            let mut now = Vec::new();
            while asked.recv_many(&mut now, MOST).await > 0 {
                // Who has gone away meanwhile needs no answer.
                now.retain(|(_, answer)| !answer.is_closed());
                let keys: HashSet<K> = now.iter().map(|(key, _)| key.clone()).collect();
                if keys.is_empty() {
                    continue;
                }
                let found = read(keys.into_iter().collect()).await.map_err(Arc::new);
                for (key, answer) in now.drain(..) {
                    let value = found.as_ref().map(|found| found.get(&key).cloned()).map_err(Arc::clone);
                    // Who has gone away needs no answer.
                    answer.send(value).ok();
                }
            }
        });
        Self { waiting }
    }

    /// The value under `key` as it is now, if there is one.
    ///
    /// # Errors
    /// [`Error::Shared`], what the read failed with.
    pub async fn get(&self, key: K) -> Result<Option<V>> {
        let (answer, answered) = oneshot::channel();
        self.waiting.send((key, answer)).map_err(|_| gone())?;
        Ok(answered.await.map_err(|_| gone())??)
    }
}

/// The task ended, because its runtime does.
fn gone() -> Error {
    Error::Database(sqlx::Error::PoolClosed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn who_waits_is_answered_by_one_read_that_begins_afterwards() {
        let (stored, reads, gate) =
            (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let together = Arc::new(Together::new({
            let (stored, reads, gate) = (stored.clone(), reads.clone(), gate.clone());
            move |keys: Vec<u8>| {
                let value = stored.load(Ordering::SeqCst);
                reads.fetch_add(1, Ordering::SeqCst);
                let gate = gate.clone();
                async move {
                    gate.acquire().await.expect("the gate is open for ever").forget();
                    Ok(keys.into_iter().filter(|key| *key < 9).map(|key| (key, value)).collect())
                }
            }
        }));
        let ask = |key| {
            tokio::spawn({
                let together = together.clone();
                async move { together.get(key).await }
            })
        };
        let first = ask(1);
        while reads.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        // These come while the first is read, and see what is stored meanwhile.
        stored.store(7, Ordering::SeqCst);
        let later: Vec<_> = [1, 1, 2, 9].into_iter().map(ask).collect();
        tokio::task::yield_now().await;
        gate.add_permits(2);
        assert_eq!(first.await.unwrap().unwrap(), Some(0));
        let mut found = Vec::new();
        for one in later {
            found.push(one.await.unwrap().unwrap());
        }
        assert_eq!(found, [Some(7), Some(7), Some(7), None]);
        assert_eq!(reads.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_read_that_fails_fails_for_all_who_wait_and_the_next_is_tried_anew() {
        let mut failing = true;
        let together = Together::new(move |keys: Vec<u8>| {
            let fails = std::mem::take(&mut failing);
            async move {
                if fails {
                    Err(Error::Forbidden)
                } else {
                    Ok(keys.into_iter().map(|key| (key, ())).collect())
                }
            }
        });
        let (one, two) = tokio::join!(together.get(1), together.get(2));
        assert!(matches!(one, Err(Error::Shared(_))) && matches!(two, Err(Error::Shared(_))));
        assert_eq!(together.get(1).await.unwrap(), Some(()));
    }
}
