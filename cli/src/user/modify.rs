//! `invoke-usermod`
use super::{LIVE_SERVER_NOTE, Place, describe, password, prompt};
use clap::Args;
use sqlx::PgPool;
use std::process::ExitCode;
use store::accounts::{self, Account, AccountChanges};

/// Changes an account. Without an address it asks for everything.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(super) place: Place,
    /// The account's address
    #[arg(long, short)]
    email: Option<String>,
    /// A new name that people see
    #[arg(long, short)]
    name: Option<String>,
    /// A new password
    #[arg(long, short)]
    password: Option<String>,
    /// Make it an administrator
    #[arg(long, short, conflicts_with = "no_admin")]
    admin: bool,
    /// Make it an ordinary account
    #[arg(long)]
    no_admin: bool,
}

#[derive(Default)]
struct Wanted {
    name: Option<String>,
    password: Option<String>,
    admin: Option<bool>,
}

impl Wanted {
    fn is_nothing(&self) -> bool {
        self.name.is_none() && self.password.is_none() && self.admin.is_none()
    }
}

pub(super) async fn run(pool: &PgPool, options: Options) -> anyhow::Result<ExitCode> {
    let interactive = options.email.is_none();
    let email = match options.email {
        Some(email) => email,
        None => {
            println!("=== Modify InvokeAI User ===\n");
            prompt::ask("Email address of user to modify: ")?
        }
    };
    if let Some(Err(reason)) = options.password.as_deref().map(password::check) {
        println!("❌ Password validation failed: {reason}");
        return Ok(ExitCode::FAILURE);
    }
    let Some(account) = super::find(pool, &email).await? else { return Ok(ExitCode::FAILURE) };
    let wanted = if interactive {
        ask(&account)?
    } else {
        let admin = match (options.admin, options.no_admin) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        Wanted { name: options.name, password: options.password, admin }
    };
    if wanted.is_nothing() {
        if interactive {
            println!("\nNo changes requested. User not modified.");
            return Ok(ExitCode::SUCCESS);
        }
        println!("❌ Error: nothing to change; give --name, --password, --admin or --no-admin");
        return Ok(ExitCode::FAILURE);
    }
    let hash = match &wanted.password {
        Some(password) => Some(password::hash(password).await?),
        None => None,
    };
    let changes = AccountChanges {
        display_name: wanted.name.as_deref(),
        password_hash: hash.as_deref(),
        is_admin: wanted.admin,
        is_active: None,
    };
    match accounts::update(pool, &account.user_id, &changes).await {
        Ok(account) => {
            println!("✅ User updated successfully!\n{}", describe(&account));
            if hash.is_some() || wanted.admin.is_some() {
                println!("{LIVE_SERVER_NOTE}");
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(store::Error::Conflict(reason)) => {
            println!("❌ Error: {reason}");
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

fn ask(account: &Account) -> anyhow::Result<Wanted> {
    println!("\nCurrent user details:\n{}\n", describe(account));
    println!("An empty answer keeps what is there.\n");
    let shown_name = account.display_name.as_deref().unwrap_or("(not set)");
    let name =
        Some(prompt::ask(&format!("New display name [{shown_name}]: "))?).filter(|name| !name.is_empty());
    let password = if prompt::confirm("Change password? (y/N): ")? {
        prompt::ask_new_password(["New password: ", "Confirm new password: "], password::check)?
    } else {
        None
    };
    let admin = if prompt::confirm("Change admin status? (y/N): ")? {
        let current = if account.is_admin { "Yes" } else { "No" };
        Some(prompt::confirm(&format!("Make administrator? [current: {current}] (y/N): "))?)
    } else {
        None
    };
    println!();
    Ok(Wanted { name, password, admin })
}
