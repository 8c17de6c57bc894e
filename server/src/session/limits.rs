//! Failed logins are counted by account and by address; past a limit nothing is looked at for a while.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const FAILURES_BY_ACCOUNT: u32 = 8;
const FAILURES_BY_ADDRESS: u32 = 30;
const WINDOW: Duration = Duration::from_secs(300);
const REMEMBERED: usize = 50_000;

/// The counts. One for each replica: with N replicas the limits are at most N times as high.
#[derive(Debug, Default)]
pub struct LoginLimits {
    failures: Mutex<HashMap<String, (u32, Instant)>>,
}

impl LoginLimits {
    /// Seconds to wait when this account or this address has failed too often.
    pub fn wait(&self, email: &str, address: &str) -> Option<u64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        [(account_key(email), FAILURES_BY_ACCOUNT), (address_key(address), FAILURES_BY_ADDRESS)]
            .iter()
            .filter_map(|(key, limit)| {
                let (count, since) = failures.get(key)?;
                let left = WINDOW.checked_sub(since.elapsed())?;
                (count >= limit).then(|| left.as_secs().max(1))
            })
            .max()
    }

    /// Counts a failed login.
    pub fn note_failure(&self, email: &str, address: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() > REMEMBERED {
            failures.retain(|_, (_, since)| since.elapsed() < WINDOW);
        }
        for key in [account_key(email), address_key(address)] {
            let entry = failures.entry(key).or_insert((0, Instant::now()));
            if entry.1.elapsed() >= WINDOW {
                *entry = (0, Instant::now());
            }
            entry.0 += 1;
        }
    }

    /// A right password clears the account's count.
    pub fn note_success(&self, email: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&account_key(email));
    }
}

fn account_key(email: &str) -> String {
    format!("account {}", email.to_lowercase())
}

fn address_key(address: &str) -> String {
    format!("address {address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_refused_after_eight_failures_whatever_its_case() {
        let limits = LoginLimits::default();
        for attempt in 0..8 {
            assert!(limits.wait("a@example.com", &format!("10.0.0.{attempt}")).is_none());
            limits.note_failure("A@example.com", &format!("10.0.0.{attempt}"));
        }
        assert!(limits.wait("a@Example.com", "10.0.0.99").is_some());
        assert!(limits.wait("b@example.com", "10.0.0.99").is_none());
    }
}
