//! The rules for passwords, which on the command line are always the strict ones as upstream's are, and the hash.
use server::error::Error;

/// Refuses a weak password, with the reason.
pub(super) fn check(password: &str) -> Result<(), String> {
    match server::session::password::check_strength(password, true) {
        Ok(()) => Ok(()),
        Err(Error::Refused(_, detail)) => Err(detail.as_str().unwrap_or("it is too weak").to_owned()),
        Err(error) => Err(format!("{error:?}")),
    }
}

/// The hash to store.
pub(crate) async fn hash(password: &str) -> anyhow::Result<String> {
    server::session::password::hash(password.to_owned())
        .await
        .map_err(|error| anyhow::anyhow!("cannot hash the password: {error:?}"))
}
