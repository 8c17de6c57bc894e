//! `invoke-userdel`
use super::{LIVE_SERVER_NOTE, Place, describe, prompt};
use clap::Args;
use sqlx::PgPool;
use std::process::ExitCode;
use store::accounts;

/// Deletes an account. Without an address it asks for one.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(super) place: Place,
    /// The account's address
    #[arg(long, short)]
    email: Option<String>,
    /// Do not ask whether it is meant
    #[arg(long, short)]
    force: bool,
}

pub(super) async fn run(pool: &PgPool, options: Options) -> anyhow::Result<ExitCode> {
    // As upstream: --force counts only with --email.
    let force = options.force && options.email.is_some();
    let email = match options.email {
        Some(email) => email,
        None => {
            println!("=== Delete InvokeAI User ===\n");
            prompt::ask("Email address of user to delete: ")?
        }
    };
    let Some(account) = super::find(pool, &email).await? else { return Ok(ExitCode::FAILURE) };
    if !force {
        println!("User to delete:\n{}", describe(&account));
        if !prompt::confirm("\n⚠️  Are you sure you want to delete this user? (yes/no): ")? {
            println!("Deletion cancelled.");
            return Ok(ExitCode::FAILURE);
        }
    }
    match accounts::delete(pool, &account.user_id).await {
        Ok(()) => {
            println!("✅ User deleted successfully!\n{LIVE_SERVER_NOTE}");
            Ok(ExitCode::SUCCESS)
        }
        Err(store::Error::Conflict(reason)) => {
            println!("❌ Error: {reason}");
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}
