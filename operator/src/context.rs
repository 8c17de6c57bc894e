//! What both controllers reach.
use crate::{
    cluster::Cluster,
    error::Error,
    leadership::Leadership,
    pace::Pace,
    resource::{InvokeAI, InvokeUser},
    settings::OperatorSettings,
    studio::scale::Memories,
    studio_api::Account,
};
use kube::{
    Client, Resource, ResourceExt,
    runtime::{
        controller::Action,
        events::{Event, EventType, Recorder},
        reflector::Store,
    },
};
use rand::{Rng, seq::IndexedRandom};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What was read of each studio (namespace and name), and when.
pub type Remembered<T> = HashMap<(String, String), (Instant, T)>;

/// What both controllers reach.
pub struct Context {
    /// The client.
    pub client: Client,
    /// The objects of studios.
    pub cluster: Arc<Cluster>,
    /// All studios.
    pub studios: Store<InvokeAI>,
    /// All accounts.
    pub users: Store<InvokeUser>,
    /// Whether this replica leads.
    pub leadership: Leadership,
    /// The settings.
    pub settings: OperatorSettings,
    /// For the studios' APIs.
    pub http: reqwest::Client,
    /// Publishes Events, the same one only once in a while.
    pub recorder: Recorder,
    /// When the operator started; all its times count from here.
    pub started: Instant,
    /// What autoscaling remembers of each studio.
    pub memories: Mutex<BTreeMap<(String, String), Memories>>,
    /// The accounts of each studio, as they were listed a moment ago.
    pub accounts: tokio::sync::Mutex<Remembered<Arc<Vec<Account>>>>,
    /// The keys that sign sessions, as they were read a moment ago.
    pub signing_keys: tokio::sync::Mutex<Remembered<Vec<u8>>>,
    /// How often in a row each resource has failed.
    pub failures: Mutex<HashMap<String, u32>>,
    /// How often studios are looked at.
    pub studio_pace: Pace,
    /// How often accounts are.
    pub user_pace: Pace,
}

const FIRST_DELAY: Duration = Duration::from_secs(1);
const NOT_LEADING_DELAY: Duration = Duration::from_secs(3);
const LONGEST_DELAY: Duration = Duration::from_secs(120);

/// The time until the next try after `failures` in a row, with up to a half of it by chance, so that many resources do
/// not come back at once.
fn delay(failures: u32, chance: f64) -> Duration {
    let doubled = FIRST_DELAY.saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled.min(LONGEST_DELAY).mul_f64(0.75 + chance / 2.0)
}

impl Context {
    /// What to do after an error.
    pub fn after_error<K: Resource<DynamicType = ()>>(&self, object: &K, error: &Error) -> Action {
        let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
        // The lease may be renewed yet, a little late; when it is lost, the whole process ends.
        if matches!(error, Error::NotLeading) {
            return Action::requeue(NOT_LEADING_DELAY);
        }
        let key = format!("{}/{namespace}/{name}", K::kind(&()));
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.entry(key).or_default();
        *count += 1;
        let delay = delay(*count, rand::rng().random());
        tracing::warn!(kind = %K::kind(&()), namespace, name, %error, retry_in = delay.as_secs_f64(), "a reconcile failed");
        Action::requeue(delay)
    }

    /// A resource is well again.
    pub fn after_success<K: Resource<DynamicType = ()>>(&self, object: &K) {
        let key =
            format!("{}/{}/{}", K::kind(&()), object.namespace().unwrap_or_default(), object.name_any());
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }

    /// Publishes an Event; that it cannot be published stops nothing.
    pub async fn publish<K: Resource<DynamicType = ()>>(
        &self,
        object: &K,
        type_: EventType,
        reason: &str,
        action: &str,
        note: String,
    ) {
        if !self.leadership.holds() {
            return;
        }
        let note: String = note.chars().take(1000).collect();
        let event =
            Event { type_, reason: reason.into(), note: Some(note), action: action.into(), secondary: None };
        if let Err(error) = self.recorder.publish(&event, &object.object_ref(&())).await {
            tracing::warn!(%error, reason, "an event was not published");
        }
    }
}

/// A password of letters and digits, with each of them in it; it needs no escaping anywhere.
pub fn password(length: usize) -> String {
    const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut random = rand::rng();
    loop {
        let text: String =
            (0..length).filter_map(|_| ALPHABET.choose(&mut random).copied()).map(char::from).collect();
        let has = |test: fn(&char) -> bool| text.chars().any(|c| test(&c));
        if has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && has(char::is_ascii_digit) {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_two_minutes_and_differ_by_chance() {
        assert_eq!(delay(1, 0.5), Duration::from_secs(1));
        assert_eq!(delay(4, 0.5), Duration::from_secs(8));
        assert_eq!(delay(60, 0.5), Duration::from_secs(120));
        assert!(delay(4, 0.0) < delay(4, 0.9));
    }

    #[test]
    fn passwords_are_strong_and_need_no_escaping() {
        let text = password(24);
        assert_eq!(text.len(), 24);
        assert!(text.chars().all(|c| c.is_ascii_alphanumeric()));
        assert_ne!(text, password(24));
    }
}
