//! Says how it is: findings, conditions, numbers. A function of values; the controller writes what differs.
use super::{
    build::{Input, names},
    observe::Observed,
    rollout::{Migration, Rollout},
};
use crate::resource::{
    InvokeAI,
    condition::{Finding, conditions},
    status::{PoolStatus, QueueStatus, StudioStatus, Versions},
    studio::DEFAULT_POOL,
};
use k8s_openapi::{api::core::v1::Pod, jiff::Timestamp};
use kube::ResourceExt;
use std::collections::BTreeMap;

/// What the report is made of.
pub struct Subject<'a> {
    /// The studio.
    pub studio: &'a InvokeAI,
    /// What is there.
    pub observed: &'a Observed,
    /// What keeps it from working.
    pub problems: &'a [Finding],
    /// Where the migration is.
    pub migration: &'a Migration,
    /// What is to be now.
    pub rollout: &'a Rollout,
    /// How many workers there are to be.
    pub replicas: &'a BTreeMap<String, i32>,
    /// What was built, for the desired image.
    pub input: &'a Input,
    /// Whether the database answers.
    pub database_ready: bool,
}

/// The status.
pub fn status(subject: &Subject<'_>, now: Timestamp) -> StudioStatus {
    let studio = subject.studio;
    let name = studio.name_any();
    let before = studio.status.clone().unwrap_or_default();
    let pools = pools(subject);
    let findings = findings(subject, &pools);
    let generation = studio.metadata.generation.unwrap_or_default();
    let workers = (
        pools.iter().map(|pool| pool.ready).sum::<i32>(),
        pools.iter().map(|pool| pool.desired).sum::<i32>(),
    );
    let generated = studio.spec.auth.administrator.password_secret_ref.is_none();
    StudioStatus {
        observed_generation: Some(generation),
        conditions: conditions(&findings, &before.conditions, generation, now),
        url: Some(url(studio)),
        versions: Versions {
            operator: Some(env!("CARGO_PKG_VERSION").to_owned()),
            desired: Some(studio.spec.image.reference(&subject.input.default_image, None)),
            server: server_image(subject.observed, &name),
        },
        administrator_secret_name: generated.then(|| names::administrator(&name)),
        replicas: deployed_replicas(subject.observed, &name),
        selector: Some(names::selector_text(&names::pool_selector(&name, DEFAULT_POOL))),
        workers: Some(format!("{}/{}", workers.0, workers.1)),
        pools,
        queue: subject.observed.load.as_ref().map(|load| QueueStatus {
            waiting: load.waiting,
            running: load.running,
            oldest_wait_seconds: load.oldest_wait_seconds / 10 * 10,
        }),
    }
}

/// Where people find the studio.
pub fn url(studio: &InvokeAI) -> String {
    match &studio.spec.server.ingress {
        Some(ingress) if ingress.tls_secret_name.is_some() => format!("https://{}", ingress.host),
        Some(ingress) => format!("http://{}", ingress.host),
        None => {
            let namespace = studio.namespace().unwrap_or_default();
            format!("http://{}.{namespace}.svc:{}", names::server(&studio.name_any()), names::SERVER_PORT)
        }
    }
}

fn server_image(observed: &Observed, studio: &str) -> Option<String> {
    let template = observed.deployment(&names::server(studio))?.spec?.template;
    template.spec?.containers.into_iter().next()?.image
}

fn deployed_replicas(observed: &Observed, studio: &str) -> i32 {
    let deployment = observed.deployment(&names::workers(studio, DEFAULT_POOL));
    deployment.and_then(|deployment| deployment.status?.replicas).unwrap_or(0)
}

fn pools(subject: &Subject<'_>) -> Vec<PoolStatus> {
    let studio = subject.studio.name_any();
    let pods = subject.observed.pods("worker");
    let busy_workers =
        subject.observed.load.as_ref().map(|load| load.busy_workers.as_slice()).unwrap_or_default();
    let busy = |pool: &str| {
        let busy = pods.iter().filter(|pod| {
            pod.labels().get(names::POOL).is_some_and(|name| name == pool)
                && busy_workers.contains(&pod.name_any())
        });
        i32::try_from(busy.count()).unwrap_or(i32::MAX)
    };
    let one = |name: &str| PoolStatus {
        name: name.to_owned(),
        desired: subject.replicas.get(name).copied().unwrap_or(0),
        ready: subject
            .observed
            .deployment(&names::workers(&studio, name))
            .and_then(|deployment| deployment.status?.ready_replicas)
            .unwrap_or(0),
        busy: busy(name),
    };
    subject.studio.spec.pools().map(|(name, _)| one(name)).collect()
}

/// All conditions, `Available` first.
fn findings(subject: &Subject<'_>, pools: &[PoolStatus]) -> Vec<Finding> {
    let database = database(subject);
    let migrated = migrated(subject);
    let server = server(subject);
    let workers = workers(subject, pools);
    let degraded = degraded(subject, [&database, &migrated, &server, &workers]);
    vec![
        available(subject, &server, &migrated, &database),
        progressing(subject, pools),
        degraded,
        database,
        migrated,
        server,
        workers,
    ]
}

fn available(subject: &Subject<'_>, server: &Finding, migrated: &Finding, database: &Finding) -> Finding {
    if server.is_true() {
        return Finding::yes(
            "Available",
            "ServerReady",
            format!("the studio serves at {}", url(subject.studio)),
        );
    }
    if let Some(problem) = subject.problems.first() {
        return problem.clone();
    }
    // The first thing that is missing is the one to look at.
    let cause = [database, migrated, server].into_iter().find(|finding| !finding.is_true()).unwrap_or(server);
    Finding::no("Available", cause.reason, cause.message.clone())
}

fn progressing(subject: &Subject<'_>, pools: &[PoolStatus]) -> Finding {
    if subject.studio.spec.paused {
        return Finding::no("Progressing", "Paused", "spec.paused is true: the operator changes nothing");
    }
    if !subject.problems.is_empty() {
        return Finding::no("Progressing", "Blocked", "see Available and Degraded for what is missing");
    }
    let settled = subject.rollout.complete && pools.iter().all(|pool| pool.ready == pool.desired);
    if settled {
        return Finding::no("Progressing", "Settled", "everything is as the resource asks for");
    }
    let step = match (subject.migration, &subject.rollout.server_image) {
        _ if !subject.database_ready => "waits for the database",
        (Migration::Absent | Migration::Running, _) => "migrates the database",
        (Migration::Failed { .. }, _) => "waits before it tries the migration again",
        (Migration::Done, _) if !subject.rollout.complete => "rolls out the server, then the workers",
        (Migration::Done, _) => "starts or stops workers",
    };
    Finding::yes("Progressing", "RollingOut", step)
}

fn degraded(subject: &Subject<'_>, parts: [&Finding; 4]) -> Finding {
    if let Some(problem) = subject.problems.first() {
        return Finding { type_: "Degraded", holds: Some(true), ..problem.clone() };
    }
    let stuck = parts.into_iter().find(|part| part.holds == Some(false) && part.reason != "Starting");
    match stuck {
        Some(part) => Finding::yes("Degraded", part.reason, part.message.clone()),
        None => Finding::no("Degraded", "AsExpected", "nothing is wrong"),
    }
}

fn database(subject: &Subject<'_>) -> Finding {
    const TYPE: &str = "DatabaseReady";
    if subject.studio.spec.database.managed().is_none() {
        // The operator does not connect to it; the migration and the server do.
        return match (subject.migration, subject.observed.load.is_some()) {
            (_, true) | (Migration::Done, _) => {
                Finding::yes(TYPE, "External", "the studio has reached its database")
            }
            (Migration::Failed { message, .. }, _) => Finding::no(TYPE, "MigrationFailed", message.clone()),
            _ => Finding::unknown(TYPE, "External", "nothing has connected to the database yet"),
        };
    }
    if subject.database_ready {
        return Finding::yes(TYPE, "Ready", "PostgreSQL accepts connections");
    }
    match trouble(&subject.observed.pods("database")) {
        Some((reason, message)) => Finding::no(TYPE, reason, message),
        None => Finding::no(TYPE, "Starting", "PostgreSQL does not accept connections yet"),
    }
}

fn migrated(subject: &Subject<'_>) -> Finding {
    const TYPE: &str = "Migrated";
    match subject.migration {
        Migration::Done => Finding::yes(TYPE, "Done", "the database has the form that this version needs"),
        Migration::Running => {
            let pods = subject.observed.pods("migration");
            match (trouble(&pods), last_words(&pods)) {
                (Some((reason, message)), _) => Finding::no(TYPE, reason, message),
                (None, Some(words)) => {
                    Finding::no(TYPE, "Retrying", format!("the migration failed and is tried again: {words}"))
                }
                (None, None) => Finding::no(TYPE, "Starting", "the migration runs"),
            }
        }
        Migration::Absent => Finding::no(TYPE, "Starting", "the migration waits for the database"),
        Migration::Failed { message, .. } => {
            let words = last_words(&subject.observed.pods("migration"));
            let words = words.map(|words| format!(" ({words})")).unwrap_or_default();
            let what = format!(
                "{message}{words}; the version before goes on serving. Look at `kubectl logs -l \
                 app.kubernetes.io/instance={},app.kubernetes.io/component=migration`; it is tried again every minute",
                subject.studio.name_any()
            );
            Finding::no(TYPE, "MigrationFailed", what)
        }
    }
}

fn server(subject: &Subject<'_>) -> Finding {
    const TYPE: &str = "ServerReady";
    let name = names::server(&subject.studio.name_any());
    let ready = subject
        .observed
        .deployment(&name)
        .and_then(|deployment| deployment.status?.ready_replicas)
        .unwrap_or(0);
    if ready > 0 {
        return Finding::yes(TYPE, "Ready", format!("{ready} of {} are ready", wanted_servers(subject)));
    }
    match trouble(&subject.observed.pods("server")) {
        Some((reason, message)) => Finding::no(TYPE, reason, message),
        None => Finding::no(TYPE, "Starting", "no server is ready yet"),
    }
}

fn wanted_servers(subject: &Subject<'_>) -> i32 {
    subject.studio.spec.server.replicas.unwrap_or(1)
}

fn workers(subject: &Subject<'_>, pools: &[PoolStatus]) -> Finding {
    const TYPE: &str = "WorkersReady";
    let desired: i32 = pools.iter().map(|pool| pool.desired).sum();
    let Some(lacking) = pools.iter().find(|pool| pool.ready < pool.desired) else {
        let (reason, message) = match desired {
            0 => ("ScaledToZero", "no worker is wanted: one starts when an item waits".to_owned()),
            _ => ("Ready", "all workers that are wanted are ready".to_owned()),
        };
        return Finding::yes(TYPE, reason, message);
    };
    let pods = subject.observed.pods("worker");
    let of_pool = |pod: &Pod| pod.labels().get(names::POOL) == Some(&lacking.name);
    let (pods, _): (Vec<Pod>, Vec<Pod>) = pods.into_iter().partition(of_pool);
    match trouble(&pods) {
        Some((reason, message)) => Finding::no(TYPE, reason, format!("pool {}: {message}", lacking.name)),
        None => {
            let message =
                format!("pool {}: {} of {} are ready", lacking.name, lacking.ready, lacking.desired);
            Finding::no(TYPE, "Starting", message)
        }
    }
}

/// What the container that failed last said at its end: the last line, which names the cause.
fn last_words(pods: &[Pod]) -> Option<String> {
    const LONGEST: usize = 300;
    let ends = pods.iter().filter_map(|pod| {
        let state = pod.status.as_ref()?.container_statuses.as_ref()?.first()?.state.as_ref()?;
        state.terminated.as_ref().filter(|ended| ended.exit_code != 0)
    });
    let last = ends.max_by_key(|ended| ended.finished_at.as_ref().map(|time| time.0))?;
    let line = last.message.as_deref()?.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(line.trim().chars().take(LONGEST).collect())
}

/// Why pods do not run, in words with which a person can go on.
fn trouble(pods: &[Pod]) -> Option<(&'static str, String)> {
    for pod in pods {
        let Some(status) = &pod.status else { continue };
        let name = pod.name_any();
        let conditions = status.conditions.as_deref().unwrap_or_default();
        let unscheduled = conditions.iter().find(|c| c.type_ == "PodScheduled" && c.status == "False");
        if let Some(condition) = unscheduled {
            let why = condition.message.clone().unwrap_or_default();
            return Some(("Unschedulable", format!("no node can take the pod {name}: {why}")));
        }
        for container in status.container_statuses.as_deref().unwrap_or_default() {
            let state = container.state.clone().unwrap_or_default();
            let ended = container.last_state.as_ref().and_then(|last| last.terminated.as_ref());
            let Some(waiting) = state.waiting else { continue };
            let word = waiting.reason.unwrap_or_default();
            let why = waiting.message.unwrap_or_default();
            match word.as_str() {
                "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => {
                    return Some((
                        "ImagePullFailed",
                        format!("the image {} cannot be pulled: {why}", container.image),
                    ));
                }
                "CreateContainerConfigError" => {
                    return Some(("ConfigurationMissing", format!("the pod {name} cannot start: {why}")));
                }
                "CrashLoopBackOff" => {
                    let code = ended.map_or(0, |ended| ended.exit_code);
                    let message = format!(
                        "the pod {name} keeps ending with code {code}; look at `kubectl logs {name}`"
                    );
                    return Some(("Crashing", message));
                }
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_container_that_failed_last_tells_the_cause_in_its_last_line() -> serde_json::Result<()> {
        let pod = |code: i32, second: i32, message: &str| {
            let ended = json!({ "exitCode": code, "finishedAt": format!("2026-01-01T00:00:0{second}Z"), "message": message });
            let status = json!({ "containerStatuses": [{ "name": "migrate", "image": "x", "imageID": "", "ready": false,
                "restartCount": 0, "state": { "terminated": ended } }] });
            serde_json::from_value::<Pod>(json!({ "metadata": { "name": "x" }, "status": status }))
        };
        let pods = [pod(1, 3, "{}\ninvoke: cannot connect\n\n")?, pod(1, 1, "earlier")?, pod(0, 5, "well")?];
        assert_eq!(last_words(&pods).as_deref(), Some("invoke: cannot connect"));
        assert_eq!(last_words(&pods[2..]), None);
        assert_eq!(last_words(&[pod(1, 1, &"x".repeat(900))?]).map(|words| words.len()), Some(300));
        Ok(())
    }
}
