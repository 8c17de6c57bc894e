//! `invoke-useradd`
use super::{Place, describe, password, prompt};
use clap::Args;
use sqlx::PgPool;
use std::process::ExitCode;
use store::accounts::{self, NewAccount};

/// Adds an account. Without an address and a password it asks for everything.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(super) place: Place,
    /// The account's address
    #[arg(long, short)]
    email: Option<String>,
    /// Its password
    #[arg(long, short)]
    password: Option<String>,
    /// The name that people see
    #[arg(long, short)]
    name: Option<String>,
    /// Make it an administrator
    #[arg(long, short)]
    admin: bool,
}

struct Wanted {
    email: String,
    password: String,
    name: Option<String>,
    admin: bool,
}

pub(super) async fn run(pool: &PgPool, options: Options) -> anyhow::Result<ExitCode> {
    let wanted = match (options.email, options.password) {
        (Some(email), Some(password)) => {
            if let Err(reason) = password::check(&password) {
                println!("❌ Password validation failed: {reason}");
                return Ok(ExitCode::FAILURE);
            }
            Wanted { email, password, name: options.name, admin: options.admin }
        }
        (None, None) => match ask()? {
            Some(wanted) => wanted,
            None => return Ok(ExitCode::FAILURE),
        },
        _ => {
            println!(
                "❌ Error: --email and --password belong together; without both, everything is asked for"
            );
            return Ok(ExitCode::FAILURE);
        }
    };
    let hash = password::hash(&wanted.password).await?;
    let new = NewAccount {
        email: &wanted.email,
        display_name: wanted.name.as_deref(),
        password_hash: &hash,
        is_admin: wanted.admin,
    };
    match accounts::create(pool, &new).await {
        Ok(account) => {
            println!("✅ User created successfully!\n{}", describe(&account));
            Ok(ExitCode::SUCCESS)
        }
        Err(store::Error::Conflict(reason)) => {
            println!("❌ Error: {reason}");
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

fn ask() -> anyhow::Result<Option<Wanted>> {
    println!("=== Add InvokeAI User ===\n");
    let email = prompt::ask("Email address: ")?;
    if email.is_empty() {
        println!("Error: Email is required");
        return Ok(None);
    }
    let name = Some(prompt::ask("Display name (optional): ")?).filter(|name| !name.is_empty());
    let Some(password) = prompt::ask_new_password(["Password: ", "Confirm password: "], password::check)?
    else {
        println!("Error: A password is required");
        return Ok(None);
    };
    let admin = prompt::confirm("Make this user an administrator? (y/N): ")?;
    println!();
    Ok(Some(Wanted { email, password, name, admin }))
}
