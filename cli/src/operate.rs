//! `invoke operator`, and `invoke cluster` (also as `kubectl invoke`).
use crate::{logging, stop};
use anyhow::Context;
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use operator::{OperatorSettings, command};

/// `invoke operator`
#[derive(Debug, Clone, Args)]
pub(crate) struct OperatorOptions {
    #[command(flatten)]
    settings: OperatorSettings,
    /// trace, debug, info, warning, error or critical; RUST_LOG refines it
    #[arg(long, env = "INVOKEAI_LOG_LEVEL")]
    log_level: Option<String>,
    /// Logs as text, or one JSON object a line
    #[arg(long, env = "INVOKEAI_LOG_FORMAT", default_value = "json")]
    log_format: String,
}

/// `invoke cluster`
#[derive(Debug, Clone, Args)]
pub(crate) struct ClusterOptions {
    #[command(flatten)]
    connection: command::Connection,
    #[command(subcommand)]
    command: command::Command,
}

/// Studios in the cluster of the kubeconfig.
#[derive(Debug, Parser)]
#[command(version)]
struct Plugin {
    #[command(flatten)]
    options: ClusterOptions,
}

impl ClusterOptions {
    /// The arguments of a program that kubectl finds as its plugin `invoke`; `None` under another name.
    pub(crate) fn parse_from_name(name: &str) -> Option<Self> {
        let name = (name == "kubectl-invoke").then_some("kubectl-invoke")?;
        let matches = Plugin::command().name(name).bin_name("kubectl invoke").get_matches();
        match Plugin::from_arg_matches(&matches) {
            Ok(Plugin { options }) => Some(options),
            Err(error) => error.exit(),
        }
    }
}

/// Runs the operator until a signal asks to stop, or another replica leads.
pub(crate) async fn run(options: OperatorOptions) -> anyhow::Result<()> {
    let stop = stop::on_signal()?;
    logging::begin(options.log_level.as_deref(), Some(&options.log_format));
    let client = command::Connection::default().client().await.context("cannot find the cluster")?;
    operator::run(options.settings, client, stop).await.context("the operator ended")
}

/// Does what people ask of a studio, and prints the answer.
pub(crate) async fn ask(options: ClusterOptions) -> anyhow::Result<()> {
    let client = options.connection.client().await.context("cannot find the cluster")?;
    print!("{}", command::run(client, options.command).await?);
    Ok(())
}
