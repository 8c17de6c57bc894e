//! `invoke cluster …`: what people ask of a studio in a cluster. Answers are texts.
use crate::{
    error::Result,
    resource::{InvokeAI, status::StudioStatus},
    studio::build::names,
};
use clap::{Args, Subcommand};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, Config, ResourceExt,
    api::{DeleteParams, ListParams, LogParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use std::{fmt::Write, path::PathBuf};

/// Which cluster. Without anything: the one that the program runs in, else the one of KUBECONFIG or ~/.kube/config.
#[derive(Debug, Clone, Default, Args)]
pub struct Connection {
    /// The kubeconfig
    #[arg(long, global = true)]
    kubeconfig: Option<PathBuf>,
    /// The context in it
    #[arg(long, global = true)]
    context: Option<String>,
}

impl Connection {
    /// A client of the cluster.
    ///
    /// # Errors
    /// When there is no kubeconfig, or it cannot be used.
    pub async fn client(&self) -> Result<Client> {
        let options = KubeConfigOptions { context: self.context.clone(), ..KubeConfigOptions::default() };
        let config = match &self.kubeconfig {
            Some(path) => Config::from_custom_kubeconfig(Kubeconfig::read_from(path)?, &options).await?,
            None if self.context.is_some() => Config::from_kubeconfig(&options).await?,
            None => Config::infer().await?,
        };
        Ok(Client::try_from(config)?)
    }
}

/// What people ask of a studio.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// How a studio is: conditions, pools, queue, pods
    Status(Which),
    /// The last lines of every pod of a studio
    Logs(Logs),
    /// Ask a worker to finish its item and go; its pool starts another one in its place
    Drain(Drain),
}

/// Which studio.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// The name of the InvokeAI
    pub name: String,
    /// Its namespace; the one of the kubeconfig's context when absent
    #[arg(long, short = 'n')]
    pub namespace: Option<String>,
}

/// Which logs.
#[derive(Debug, Clone, Args)]
pub struct Logs {
    #[command(flatten)]
    which: Which,
    /// Only this part: server, worker, database, migration or backup
    #[arg(long)]
    component: Option<String>,
    /// How many lines of each pod
    #[arg(long, default_value_t = 50)]
    tail: i64,
}

/// Which worker.
#[derive(Debug, Clone, Args)]
pub struct Drain {
    /// The name of the worker's pod
    pub worker: String,
    /// Its namespace; the one of the kubeconfig's context when absent
    #[arg(long, short = 'n')]
    pub namespace: Option<String>,
}

fn api<K>(client: &Client, namespace: Option<&str>) -> Api<K>
where
    K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
{
    Api::namespaced(client.clone(), namespace.unwrap_or(client.default_namespace()))
}

/// Does it, and says what there is to say.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn run(client: Client, command: Command) -> Result<String> {
    match command {
        Command::Status(which) => status(&client, &which).await,
        Command::Logs(wanted) => logs(&client, &wanted).await,
        Command::Drain(wanted) => drain(&client, &wanted).await,
    }
}

async fn pods_of(client: &Client, which: &Which, component: Option<&str>) -> Result<Vec<Pod>> {
    let mut selector = format!("{}={}", names::INSTANCE, which.name);
    if let Some(component) = component {
        selector.push_str(&format!(",{}={component}", names::COMPONENT));
    }
    let api: Api<Pod> = api(client, which.namespace.as_deref());
    Ok(api.list(&ListParams::default().labels(&selector)).await?.items)
}

async fn status(client: &Client, which: &Which) -> Result<String> {
    let api: Api<InvokeAI> = api(client, which.namespace.as_deref());
    let studio = api.get(&which.name).await?;
    let mut text = describe(&which.name, &studio.status.unwrap_or_default());
    for pod in pods_of(client, which, None).await? {
        let phase = pod.status.as_ref().and_then(|status| status.phase.clone()).unwrap_or_default();
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone()).unwrap_or_default();
        text.push_str(&format!("  {:<50} {phase:<10} {node}\n", pod.name_any()));
    }
    Ok(text)
}

/// A status as people read it.
fn describe(name: &str, status: &StudioStatus) -> String {
    let mut text = format!("{name}  {}\n", status.url.as_deref().unwrap_or("(no address yet)"));
    for condition in &status.conditions {
        // Writing to a String cannot fail.
        writeln!(
            text,
            "  {:<14} {:<8} {:<18} {}",
            condition.type_, condition.status, condition.reason, condition.message
        )
        .ok();
    }
    if let Some(queue) = &status.queue {
        let (waiting, running, oldest) = (queue.waiting, queue.running, queue.oldest_wait_seconds);
        writeln!(text, "queue  {waiting} waiting, {running} running, the oldest waits for {oldest} s").ok();
    }
    for pool in &status.pools {
        writeln!(text, "pool {:<12} {} of {} ready, {} busy", pool.name, pool.ready, pool.desired, pool.busy)
            .ok();
    }
    text.push_str("pods\n");
    text
}

async fn logs(client: &Client, wanted: &Logs) -> Result<String> {
    let api: Api<Pod> = api(client, wanted.which.namespace.as_deref());
    let parameters = LogParams { tail_lines: Some(wanted.tail), ..LogParams::default() };
    let mut text = String::new();
    for pod in pods_of(client, &wanted.which, wanted.component.as_deref()).await? {
        let name = pod.name_any();
        match api.logs(&name, &parameters).await {
            Ok(lines) => lines.lines().for_each(|line| text.push_str(&format!("{name}  {line}\n"))),
            Err(error) => text.push_str(&format!("{name}  (no log: {error})\n")),
        }
    }
    Ok(text)
}

async fn drain(client: &Client, wanted: &Drain) -> Result<String> {
    let api: Api<Pod> = api(client, wanted.namespace.as_deref());
    let pod = api.get(&wanted.worker).await?;
    if pod.labels().get(names::COMPONENT).map(String::as_str) != Some("worker") {
        return Ok(format!("{} is no worker of a studio; nothing was done\n", wanted.worker));
    }
    let grace = pod.spec.and_then(|spec| spec.termination_grace_period_seconds).unwrap_or(0);
    api.delete(&wanted.worker, &DeleteParams::default()).await?;
    Ok(format!("{} finishes its item within {grace} s, or hands it back\n", wanted.worker))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{
        condition::{Finding, conditions},
        status::QueueStatus,
    };
    use k8s_openapi::jiff::Timestamp;

    #[test]
    fn a_status_is_told_with_its_reasons() {
        let finding = Finding::no("Available", "ImagePullFailed", "the image x cannot be pulled");
        let status = StudioStatus {
            conditions: conditions(&[finding], &[], 1, Timestamp::UNIX_EPOCH),
            queue: Some(QueueStatus { waiting: 3, running: 1, oldest_wait_seconds: 20 }),
            ..StudioStatus::default()
        };
        let text = describe("studio", &status);
        assert!(text.contains("ImagePullFailed"), "{text}");
        assert!(text.contains("3 waiting, 1 running"), "{text}");
    }
}
