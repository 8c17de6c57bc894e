//! The `invoke` binary; called as `invoke-useradd`, `-usermod`, `-userdel` or `-userlist` it is that command,
//! and called as `kubectl-invoke` it is kubectl's plugin.
//!
//! - [`arguments`]: what can be given on the command line, [`configuration`]: with the file and the environment
//! - [`up`]: everything in one process tree; [`serve`], [`work`]: one part of it; [`migrate`]: before both
//! - `operate`: the operator, and `kubectl invoke`; only with the feature `operator`
//! - [`postgres`]: the private cluster of `up`; [`data_directory`]: where `up` keeps things, and its lock
//! - [`bundled_model`]: registers the model that ships with the project
//! - [`user`]: accounts from the command line
//! - [`logging`], [`memory`], [`stop`]: logs; freed memory goes back; the signals that end the service
mod arguments;
mod bundled_model;
mod configuration;
mod data_directory;
mod logging;
mod memory;
mod migrate;
#[cfg(feature = "operator")]
mod operate;
mod postgres;
mod serve;
mod stop;
mod up;
mod user;
mod work;

use arguments::{Arguments, Command};
use clap::Parser;
use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let name = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&name).file_name().and_then(|name| name.to_str()).unwrap_or("invoke").to_owned();
    let command = Command::parse_from_name(&name).unwrap_or_else(|| Arguments::parse().command);
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run(command)));
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    tokio::spawn(memory::give_back());
    match command {
        Command::Up(options) => up::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Server(options) => serve::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Worker(options) => work::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Migrate(options) => migrate::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::User(command) => user::run(command).await,
        #[cfg(feature = "operator")]
        Command::Operator(options) => operate::run(options).await.map(|()| ExitCode::SUCCESS),
        #[cfg(feature = "operator")]
        Command::Cluster(options) => operate::ask(options).await.map(|()| ExitCode::SUCCESS),
    }
}
