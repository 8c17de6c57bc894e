//! Failed logins are counted by account and by address; past a limit nothing is looked at for a while.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// An account is not looked at again after so many failures.
const FAILURES_BY_ACCOUNT: u32 = 8;
/// Nor is anybody at an address, so that the tenth attempt is refused whatever it tries.
const FAILURES_BY_ADDRESS: u32 = 9;
const WINDOW: Duration = Duration::from_secs(300);
const REMEMBERED: usize = 50_000;

/// The counts. One for each replica: with N replicas the limits are at most N times as high.
#[derive(Debug, Default)]
pub struct LoginLimits {
    failures: Mutex<HashMap<String, (u32, Instant)>>,
}

impl LoginLimits {
    /// Counts an attempt before it is looked at, so that attempts at the same time count too.
    ///
    /// # Errors
    /// Seconds to wait when this account or this address has failed too often.
    pub fn begin(&self, email: &str, address: &str) -> Result<(), u64> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() > REMEMBERED {
            failures.retain(|_, (_, since)| since.elapsed() < WINDOW);
        }
        let keys = [(account_key(email), FAILURES_BY_ACCOUNT), (address_key(address), FAILURES_BY_ADDRESS)];
        let wait = keys
            .iter()
            .filter_map(|(key, limit)| {
                let (count, since) = failures.get(key)?;
                let left = WINDOW.checked_sub(since.elapsed())?;
                (count >= limit).then(|| left.as_secs().max(1))
            })
            .max();
        if let Some(seconds) = wait {
            return Err(seconds);
        }
        for (key, _) in keys {
            let entry = failures.entry(key).or_insert((0, Instant::now()));
            if entry.1.elapsed() >= WINDOW {
                *entry = (0, Instant::now());
            }
            entry.0 += 1;
        }
        Ok(())
    }

    /// A right password clears the account's count, and was no failure of the address.
    pub fn succeeded(&self, email: &str, address: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&account_key(email));
        if let Some((count, _)) = failures.get_mut(&address_key(address)) {
            *count = count.saturating_sub(1);
        }
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
            assert!(limits.begin("A@example.com", &format!("10.0.0.{attempt}")).is_ok());
        }
        assert!(limits.begin("a@Example.com", "10.0.0.99").is_err());
        assert!(limits.begin("b@example.com", "10.0.0.99").is_ok());
    }

    #[test]
    fn an_address_is_refused_at_its_tenth_attempt_whatever_the_account() {
        let limits = LoginLimits::default();
        for attempt in 0..9 {
            assert!(limits.begin(&format!("{attempt}@example.com"), "10.0.0.1").is_ok());
        }
        assert!(limits.begin("new@example.com", "10.0.0.1").is_err());
    }

    #[test]
    fn right_passwords_do_not_count() {
        let limits = LoginLimits::default();
        for _ in 0..50 {
            assert!(limits.begin("a@example.com", "10.0.0.1").is_ok());
            limits.succeeded("a@example.com", "10.0.0.1");
        }
    }
}
