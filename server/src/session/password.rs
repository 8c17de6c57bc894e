//! Passwords: argon2id, and the rules that upstream has.
use crate::error::{Error, Result};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Verified against when an account does not exist or has no password, so that it takes as long.
static DECOY: LazyLock<String> =
    LazyLock::new(|| hash_now("no account has this password").unwrap_or_default());

fn hash_now(password: &str) -> Result<String> {
    Ok(Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| Error::internal(error.to_string()))?
        .to_string())
}

/// Each hash takes a core and 19 MiB for a while; more at once would only starve everything else.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, Into::into)));

/// The argon2id hash of a password, in PHC form. All bytes count.
pub async fn hash(password: String) -> Result<String> {
    let _turn = TURNS.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || hash_now(&password)).await.map_err(Error::internal)?
}

/// Whether the password is the one of the hash; takes as long without a hash.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    let _turn = TURNS.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let text = hash.unwrap_or_else(|| DECOY.clone());
        let right = PasswordHash::new(&text)
            .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
        right && known
    })
    .await
    .map_err(Error::internal)
}

/// Refuses a password that breaks the rules.
///
/// # Errors
/// 400 with upstream's text.
pub fn check_strength(password: &str, strict: bool) -> Result<()> {
    if password.is_empty() {
        return Err(Error::bad_request("Password cannot be empty"));
    }
    if !strict {
        return Ok(());
    }
    if password.chars().count() < 8 {
        return Err(Error::bad_request("Password must be at least 8 characters long"));
    }
    let has = |test: fn(char) -> bool| password.chars().any(test);
    if !(has(char::is_uppercase) && has(char::is_lowercase) && has(char::is_numeric)) {
        return Err(Error::bad_request("Password must contain uppercase, lowercase, and numbers"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_after_the_seventy_second_count() {
        let long = "x".repeat(80);
        let stored = hash(long.clone()).await.expect("hashes");
        assert!(verify(long.clone(), Some(stored.clone())).await.expect("verifies"));
        assert!(!verify(format!("{}y", &long[..79]), Some(stored)).await.expect("verifies"));
    }

    #[tokio::test]
    async fn an_unknown_account_never_verifies() {
        assert!(!verify("no account has this password".into(), None).await.expect("verifies"));
    }
}
