//! `invoke-userlist`
use super::Place;
use clap::Args;
use serde::Serialize;
use sqlx::PgPool;
use std::process::ExitCode;
use store::accounts::{self, Account};

/// Lists the accounts.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(super) place: Place,
    /// One JSON array in place of a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row<'account> {
    id: &'account str,
    email: &'account str,
    name: Option<&'account str>,
    is_admin: bool,
    is_active: bool,
}

impl<'account> From<&'account Account> for Row<'account> {
    fn from(account: &'account Account) -> Self {
        Self {
            id: &account.user_id,
            email: &account.email,
            name: account.display_name.as_deref(),
            is_admin: account.is_admin,
            is_active: account.is_active,
        }
    }
}

pub(super) async fn run(pool: &PgPool, options: Options) -> anyhow::Result<ExitCode> {
    let accounts = accounts::list(pool).await?;
    if options.json {
        let rows: Vec<_> = accounts.iter().map(Row::from).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else if accounts.is_empty() {
        println!("No users found in database.");
    } else {
        println!("{}", table(&accounts));
    }
    Ok(ExitCode::SUCCESS)
}

fn table(accounts: &[Account]) -> String {
    let line = |id: &str, email: &str, name: &str, admin: &str, active: &str| {
        format!("{id:<36} {email:<30.29} {name:<20.19} {admin:<8} {active:<8}\n")
    };
    let yes_or_no = |value| if value { "Yes" } else { "No" };
    let mut text = format!(
        "\n=== InvokeAI Users ===\n\n{}",
        line("User ID", "Email", "Display Name", "Admin", "Active")
    );
    text.push_str(&"-".repeat(108));
    text.push('\n');
    for account in accounts {
        let name = account.display_name.as_deref().unwrap_or_default();
        let (admin, active) = (yes_or_no(account.is_admin), yes_or_no(account.is_active));
        text.push_str(&line(&account.user_id, &account.email, name, admin, active));
    }
    text.push_str(&format!("\nTotal users: {}", accounts.len()));
    text
}
