//! Accounts from the command line: `invoke user …`, and upstream's `invoke-useradd` and its siblings.
//!
//! - [`add`], [`modify`], [`delete`], [`list`]: one file a command
//! - [`password`]: its rules and hash
//! - [`prompt`]: questions on the terminal when no address is given
//! - [`database`]: the database of a root directory, whether its studio runs or not
mod add;
mod database;
mod delete;
mod list;
mod modify;
pub(crate) mod password;
mod prompt;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};
use store::accounts::Account;

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add an account; asks for everything when no address is given
    #[command(visible_alias = "useradd")]
    Add(add::Options),
    /// Change an account; asks for everything when no address is given
    #[command(visible_aliases = ["mod", "usermod"])]
    Modify(modify::Options),
    /// Delete an account; what it made stays for administrators to see
    #[command(visible_aliases = ["del", "userdel"])]
    Delete(delete::Options),
    /// List the accounts
    #[command(visible_alias = "userlist")]
    List(list::Options),
}

/// Which studio's accounts.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Place {
    /// The root directory of the studio: $INVOKEAI_ROOT, else $HOME/invokeai (for root /var/lib/invokeai)
    #[arg(long, short = 'r', env = "INVOKEAI_ROOT")]
    root: Option<PathBuf>,
    /// The database of the studio, when it is not the private one of the root directory
    #[arg(long, env = "INVOKEAI_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl Command {
    /// The command that the program's own name stands for, with its arguments read; `None` for `invoke`.
    pub(crate) fn parse_from_name(name: &str) -> Option<Self> {
        match name {
            "invoke-useradd" => Some(Self::Add(parse("invoke-useradd"))),
            "invoke-usermod" => Some(Self::Modify(parse("invoke-usermod"))),
            "invoke-userdel" => Some(Self::Delete(parse("invoke-userdel"))),
            "invoke-userlist" => Some(Self::List(parse("invoke-userlist"))),
            _ => None,
        }
    }
}

#[derive(Debug, Parser)]
#[command(version)]
struct Alone<Options: Args> {
    #[command(flatten)]
    options: Options,
}

fn parse<Options: Args>(name: &'static str) -> Options {
    let matches = Alone::<Options>::command().name(name).get_matches();
    match Alone::from_arg_matches(&matches) {
        Ok(Alone { options }) => options,
        Err(error) => error.exit(),
    }
}

/// Runs `command`; failures that a person can mend are told in a line and exit with 1.
pub(crate) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let place = match &command {
        Command::Add(options) => &options.place,
        Command::Modify(options) => &options.place,
        Command::Delete(options) => &options.place,
        Command::List(options) => &options.place,
    };
    let database = database::Database::open(place).await?;
    let result = match command {
        Command::Add(options) => add::run(database.pool(), options).await,
        Command::Modify(options) => modify::run(database.pool(), options).await,
        Command::Delete(options) => delete::run(database.pool(), options).await,
        Command::List(options) => list::run(database.pool(), options).await,
    };
    database.close().await?;
    result
}

/// What a running server makes of a change.
const LIVE_SERVER_NOTE: &str = "   A running server applies this at once.";

/// The account with this address; says so when there is none.
async fn find(pool: &sqlx::PgPool, email: &str) -> anyhow::Result<Option<Account>> {
    if email.is_empty() {
        println!("Error: Email is required");
        return Ok(None);
    }
    let account = store::accounts::by_email(pool, email).await?;
    if account.is_none() {
        println!("❌ Error: No user found with email '{email}'");
    }
    Ok(account)
}

fn describe(account: &Account) -> String {
    let yes_or_no = |value| if value { "Yes" } else { "No" };
    format!(
        "   User ID: {}\n   Email: {}\n   Display Name: {}\n   Admin: {}\n   Active: {}",
        account.user_id,
        account.email,
        account.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("(not set)"),
        yes_or_no(account.is_admin),
        yes_or_no(account.is_active),
    )
}
