//! Failed logins are counted by account and by address; past a limit nothing is looked at for a while.
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use std::time::Duration;
use store::login_attempts::{self, Limit};

/// An account is not looked at again after so many failures.
const FAILURES_BY_ACCOUNT: i32 = 8;
/// Nor is anybody at an address, so that the tenth attempt is refused whatever it tries.
const FAILURES_BY_ADDRESS: i32 = 9;
/// How long after its first failure a count ends.
pub(crate) const WINDOW: Duration = Duration::from_secs(300);

/// One attempt to sign in.
#[derive(Debug)]
pub(crate) struct Attempt {
    account: String,
    address: String,
}

impl Attempt {
    /// Counts an attempt before it is looked at, so that attempts at the same time count too.
    ///
    /// # Errors
    /// Seconds to wait when this account or this address has failed too often.
    pub(crate) async fn begin(pool: &PgPool, email: &str, address: &str) -> store::Result<Result<Self, u64>> {
        let attempt = Self {
            account: digest(&format!("account {}", email.to_lowercase())),
            address: digest(&format!("address {address}")),
        };
        let limits = [
            Limit { key: attempt.account.clone(), attempts: FAILURES_BY_ACCOUNT },
            Limit { key: attempt.address.clone(), attempts: FAILURES_BY_ADDRESS },
        ];
        let wait = login_attempts::begin(pool, &limits, WINDOW).await?;
        Ok(wait.map_or(Ok(attempt), Err))
    }

    /// A right password clears the account's count, and was no failure of the address.
    pub(crate) async fn succeeded(self, pool: &PgPool) -> store::Result<()> {
        login_attempts::succeeded(pool, &self.account, &self.address).await
    }
}

fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}
