//! The controller of studios: calls the steps in turn, and says what it did in Events.
use super::{
    apply::{Applied, Writer},
    build::{self, Input, Pool, names, secret},
    difference::Difference,
    observe::{self, Observed},
    report::{self, Subject},
    rollout::{self, Facts, Migration, Rollout, Workload},
    scale::{self, Memories},
    validate::{self, Generated},
};
use crate::{
    cluster::Kind,
    context::{Context, password},
    error::{Error, Result, within},
    metrics,
    resource::{InvokeAI, condition::Finding, status::StudioStatus, workers::ExecutionProvider},
    settings::{STEP_LIMIT, STUDIO_INTERVAL},
};
use k8s_openapi::{
    api::{apps::v1::Deployment, batch::v1::Job},
    jiff::Timestamp,
};
use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams},
    runtime::{controller::Action, events::EventType},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// A migration that failed is tried again after this.
const RETRY_MIGRATION: i64 = 60;

/// Brings a studio one step nearer to what its resource says.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn reconcile(studio: Arc<InvokeAI>, context: Arc<Context>) -> Result<Action> {
    let started = Instant::now();
    let result = within(STEP_LIMIT, step(&studio, &context)).await;
    let took = started.elapsed();
    metrics::observe_reconcile("studio", took, &result);
    let (count, at_once) = (context.studios.len(), context.settings.concurrency);
    result.map(|action| context.studio_pace.next(action, &[STUDIO_INTERVAL], took, count, at_once))
}

async fn step(studio: &InvokeAI, context: &Context) -> Result<Action> {
    let namespace = studio.namespace().unwrap_or_default();
    if studio.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let observed = observe::observe(&context.client, &context.cluster, &context.http, studio).await?;
    let mut validated = validate::validate(studio, &observed, &context.settings);
    let writer = Writer { client: &context.client, leadership: &context.leadership, namespace: &namespace };
    let mut input = validated.input.clone();
    if !studio.spec.paused && validated.problems.is_empty() && !validated.generate.is_empty() {
        for kind in &validated.generate {
            writer.create(&generated(&input, *kind)).await?;
        }
        // The watch brings them, and with them this studio.
        return Ok(Action::requeue(Duration::from_secs(2)));
    }
    let wanted_pools = pool_images(&input);
    let facts = facts(studio, &observed, &input);
    let rollout =
        rollout::plan(&input.studio.spec.image.reference(&input.default_image, None), &wanted_pools, &facts);
    let replicas = replicas(studio, &observed, context);
    fill_in(&mut input, &rollout, &replicas);
    if !studio.spec.paused && validated.problems.is_empty() {
        match apply(&writer, &input, &observed, &facts).await {
            Ok(applied) => announce(context, studio, &applied).await,
            Err(error) => validated.problems.push(refusal(error)?),
        }
    }
    let subject = Subject {
        studio,
        observed: &observed,
        problems: &validated.problems,
        migration: &facts.migration,
        rollout: &rollout,
        replicas: &replicas,
        input: &input,
        database_ready: facts.database_ready,
    };
    let status = report::status(&subject, Timestamp::now());
    record(&namespace, &studio.name_any(), &status);
    if let Some(load) = &observed.load {
        metrics::set_users(&namespace, &studio.name_any(), &load.users);
    }
    write_status(context, studio, status).await?;
    Ok(Action::requeue(STUDIO_INTERVAL))
}

/// A refusal of the API server that trying again does not mend (a quota, a field that it does not take) is for people.
fn refusal(error: Error) -> Result<Finding> {
    match &error {
        Error::Kubernetes(source) => match source.as_ref() {
            kube::Error::Api(status) if matches!(status.code, 400 | 403 | 422) => {
                let message = format!("the API server refused: {}", status.message);
                Ok(Finding::no("Available", "ApplyRefused", message))
            }
            _ => Err(error),
        },
        _ => Err(error),
    }
}

fn generated(input: &Input, kind: Generated) -> build::Manifest {
    match kind {
        Generated::SigningKey => secret::signing_key(input, &password(64)),
        Generated::Administrator => secret::administrator(input, &password(24)),
        Generated::Database => secret::database(input, &password(32)),
    }
}

/// The image of each pool, when the rollout has come to its end.
fn pool_images(input: &Input) -> BTreeMap<String, String> {
    let spec = &input.studio.spec;
    let image = |pool: &crate::resource::workers::WorkerPool| match &pool.image {
        Some(image) => image.clone(),
        None => {
            let variant = (pool.provider() == ExecutionProvider::Cuda).then_some("cuda");
            spec.image.reference(&input.default_image, variant)
        }
    };
    spec.pools().map(|(name, pool)| (name.to_owned(), image(pool))).collect()
}

fn facts(studio: &InvokeAI, observed: &Observed, input: &Input) -> Facts {
    let name = studio.name_any();
    let database_ready = studio.spec.database.managed().is_none() || {
        let database = observed.stateful_set(&names::database(&name));
        database.and_then(|set| set.status?.ready_replicas).is_some_and(|ready| ready > 0)
    };
    let job = observed.job(&build::migration_job(input).name);
    let pools = studio.spec.pools().filter_map(|(pool, _)| {
        let deployment = observed.deployment(&names::workers(&name, pool))?;
        Some((pool.to_owned(), workload(&deployment)))
    });
    Facts {
        database_ready,
        migration: job.as_ref().map_or(Migration::Absent, migration),
        server: observed.deployment(&names::server(&name)).as_ref().map(workload),
        pools: pools.collect(),
    }
}

fn workload(deployment: &Deployment) -> Workload {
    let spec = deployment.spec.clone().unwrap_or_default();
    let status = deployment.status.clone().unwrap_or_default();
    let containers = spec.template.spec.map(|spec| spec.containers).unwrap_or_default();
    let wanted = spec.replicas.unwrap_or(1);
    let all = |count: Option<i32>| count.unwrap_or(0) == wanted;
    Workload {
        image: containers.into_iter().next().and_then(|container| container.image).unwrap_or_default(),
        complete: status.observed_generation >= deployment.metadata.generation
            && all(status.replicas)
            && all(status.updated_replicas)
            && all(status.available_replicas),
    }
}

fn migration(job: &Job) -> Migration {
    let status = job.status.clone().unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let holds = |name: &str| conditions.iter().find(|c| c.type_ == name && c.status == "True");
    if holds("Complete").is_some() {
        return Migration::Done;
    }
    match holds("Failed") {
        Some(failed) => {
            let since = failed.last_transition_time.as_ref().map_or_else(Timestamp::now, |time| time.0);
            Migration::Failed {
                seconds_ago: Timestamp::now().as_second() - since.as_second(),
                message: format!("the migration failed: {}", failed.message.clone().unwrap_or_default()),
            }
        }
        None => Migration::Running,
    }
}

fn replicas(studio: &InvokeAI, observed: &Observed, context: &Context) -> BTreeMap<String, i32> {
    let name = studio.name_any();
    let current =
        |pool: &str| observed.deployment(&names::workers(&name, pool)).and_then(|d| d.spec?.replicas);
    let key = (studio.namespace().unwrap_or_default(), name.clone());
    let mut memories = context.memories.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let memories: &mut Memories = memories.entry(key).or_default();
    scale::replicas(studio, observed, current, memories, context.started.elapsed())
}

fn fill_in(input: &mut Input, rollout: &Rollout, replicas: &BTreeMap<String, i32>) {
    input.migrate = rollout.migrate;
    input.server_image.clone_from(&rollout.server_image);
    let pool = |(name, image): (&String, &String)| {
        let count = replicas.get(name).copied().unwrap_or(0);
        (name.clone(), Pool { image: image.clone(), replicas: count })
    };
    input.pools = rollout.pool_images.iter().map(pool).collect();
}

async fn apply(writer: &Writer<'_>, input: &Input, observed: &Observed, facts: &Facts) -> Result<Applied> {
    let studio = input.studio.name_any();
    if let Migration::Failed { seconds_ago, .. } = facts.migration
        && seconds_ago >= RETRY_MIGRATION
        && let Some(job) = observed.object("batch/v1", "Job", &build::migration_job(input).name)
        && let Some(kind) = Kind::of("batch/v1", "Job")
    {
        writer.remove(&kind, job).await?;
        return Ok(Applied::default());
    }
    let shrinks = input.pools.iter().any(|(name, pool)| {
        let deployed = observed
            .deployment(&names::workers(&studio, name))
            .and_then(|deployment| deployment.spec?.replicas);
        deployed.is_some_and(|deployed| deployed > pool.replicas)
    });
    if shrinks {
        for (pod, cost) in scale::deletion_costs(observed, &observed.pods("worker")) {
            writer.set_deletion_cost(&pod, cost).await?;
        }
    }
    writer.apply(&build::objects(input), observed).await
}

/// Tells people of what was put back and removed; what is made for the first time speaks for itself.
async fn announce(context: &Context, studio: &InvokeAI, applied: &Applied) {
    for (kind, name, difference) in &applied.written {
        if *difference == Difference::Drifted {
            let note = format!("{kind} {name} was changed by somebody else and is put back");
            context.publish(studio, EventType::Warning, "DriftRepaired", "Apply", note).await;
        }
    }
    for (kind, name) in &applied.removed {
        let note = format!("{kind} {name} is no longer wanted");
        context.publish(studio, EventType::Normal, "Removed", "Delete", note).await;
    }
}

/// The types of all conditions.
pub(crate) const CONDITIONS: [&str; 7] =
    ["Available", "Progressing", "Degraded", "DatabaseReady", "Migrated", "ServerReady", "WorkersReady"];

fn record(namespace: &str, studio: &str, status: &StudioStatus) {
    for condition in &status.conditions {
        metrics::set_condition(namespace, studio, &condition.type_, condition.status == "True");
    }
    if let Some(queue) = &status.queue {
        metrics::set_queue(namespace, studio, queue.waiting, queue.running, queue.oldest_wait_seconds);
    }
    for pool in &status.pools {
        let counts = [("desired", pool.desired), ("ready", pool.ready), ("busy", pool.busy)];
        metrics::set_workers(namespace, studio, &pool.name, counts);
    }
}

/// Writes the status when it differs, and an Event when a condition turned.
async fn write_status(context: &Context, studio: &InvokeAI, status: StudioStatus) -> Result<()> {
    let before = studio.status.clone().unwrap_or_default();
    if studio.status.as_ref() == Some(&status) {
        return Ok(());
    }
    context.leadership.check()?;
    metrics::count_write("InvokeAI", "status");
    let api: Api<InvokeAI> = Api::namespaced(context.client.clone(), &studio.namespace().unwrap_or_default());
    let patch = json!({
        "apiVersion": "invokeai.dev/v1alpha1",
        "kind": "InvokeAI",
        "metadata": { "name": studio.name_any() },
        "status": status,
    });
    api.patch_status(&studio.name_any(), &PatchParams::apply(names::OPERATOR).force(), &Patch::Apply(&patch))
        .await?;
    for name in ["Available", "Degraded"] {
        let (Some(now), was) = (status.condition(name), before.condition(name)) else { continue };
        if was.map(|was| (&was.status, &was.reason)) != Some((&now.status, &now.reason)) {
            let good = (name == "Available") == (now.status == "True");
            let type_ = if good { EventType::Normal } else { EventType::Warning };
            context.publish(studio, type_, &now.reason, name, now.message.clone()).await;
        }
    }
    Ok(())
}
