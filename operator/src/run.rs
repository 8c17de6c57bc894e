//! Runs everything: the election, the watches, both controllers, the metrics.
use crate::{
    cluster::Cluster,
    context::Context,
    error::Result,
    leadership::{Election, Leadership},
    metrics,
    resource::{InvokeAI, InvokeUser},
    settings::OperatorSettings,
    studio, studio_api,
    user::{self, admission, password},
};
use axum::{Router, http::StatusCode, routing::get};
use futures::StreamExt;
use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api, Client, ResourceExt,
    api::PartialObjectMeta,
    runtime::{
        Controller, WatchStreamExt, controller,
        events::{Recorder, Reporter},
        reflector::{ObjectRef, Store},
        watcher::{self, watcher},
    },
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Runs until `stop`, or until the lease is lost.
///
/// # Errors
/// When the cluster cannot be reached at the start, or the lease is lost.
pub async fn run(settings: OperatorSettings, client: Client, stop: CancellationToken) -> Result<()> {
    let mut election = Election::new(client.clone(), &settings);
    let leadership = election.leadership();
    let listener = tokio::net::TcpListener::bind(settings.listen).await?;
    let health = tokio::spawn(serve_health(listener, stop.clone()));
    if election.wait(&stop).await {
        // Controllers end before the lease is given up: whoever follows finds nobody writing.
        let controllers_stop = stop.child_token();
        let controllers = lead(settings, client, leadership, controllers_stop.clone());
        let result = tokio::select! {
            result = election.keep(&stop) => result,
            result = controllers => result,
        };
        controllers_stop.cancel();
        if result.is_ok() {
            election.release().await;
        }
        health.abort();
        return result;
    }
    health.abort();
    Ok(())
}

/// Everything that only the leader does.
async fn lead(
    settings: OperatorSettings,
    client: Client,
    leadership: Leadership,
    stop: CancellationToken,
) -> Result<()> {
    let (cluster, touched) = Cluster::watch(&client, &settings).await;
    let config = watcher::Config::default();
    let settled =
        controller::Config::default().concurrency(settings.concurrency).debounce(Duration::from_millis(200));
    let studios = Controller::new(api::<InvokeAI>(&client, &settings), config.clone());
    let users = Controller::new(api::<InvokeUser>(&client, &settings), config);
    let context = Arc::new(Context {
        cluster: cluster.clone(),
        studios: studios.store(),
        users: users.store(),
        leadership,
        http: studio_api::http_client().map_err(studio_api::StudioError::from)?,
        recorder: Recorder::new(
            client.clone(),
            Reporter { controller: "invokeai-operator".into(), instance: Some(settings.identity.clone()) },
        ),
        started: Instant::now(),
        memories: Default::default(),
        accounts: Default::default(),
        signing_keys: Default::default(),
        failures: Default::default(),
        studio_pace: Default::default(),
        user_pace: Default::default(),
        client: client.clone(),
        settings: settings.clone(),
    });
    // Studios also start to be watched here; a reconcile waits until every kind has been listed.
    let (all_studios, all_users) = (context.studios.clone(), context.users.clone());
    let studios = studios
        .with_config(settled.clone())
        .reconcile_on(touched)
        .graceful_shutdown_on(stop.clone().cancelled_owned())
        .run(
            reconcile_studio,
            |object, error, context| context.after_error(object.as_ref(), error),
            context.clone(),
        )
        .for_each(|_| async {});
    // Only names and versions are watched, not what is in them.
    let secrets: Api<PartialObjectMeta<Secret>> = api(&client, &settings);
    let changed_secrets = watcher(secrets, watcher::Config::default())
        .default_backoff()
        .touched_objects()
        .filter_map(|secret| async { secret.ok() })
        .flat_map({
            let users = all_users.clone();
            move |secret| {
                let namespace = secret.namespace().unwrap_or_default();
                futures::stream::iter(users_of(&users, &namespace, &secret.name_any()))
            }
        });
    let users = users
        .with_config(settled)
        .reconcile_on(changed_secrets)
        .watches(api::<InvokeAI>(&client, &settings), watcher::Config::default(), {
            let users = all_users.clone();
            move |studio| accounts_waiting_for(&users, &studio)
        })
        .graceful_shutdown_on(stop.clone().cancelled_owned())
        .run(
            reconcile_user,
            |object, error, context| context.after_error(object.as_ref(), error),
            context.clone(),
        )
        .for_each(|_| async {});
    let upkeep = async {
        cluster.list(&all_studios).await;
        loop {
            tokio::time::sleep(Duration::from_secs(30)).await;
            forget_gone(&context, &all_studios);
        }
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(studios, users) } => Ok(()),
        () = upkeep => Ok(()),
    }
}

async fn reconcile_studio(studio: Arc<InvokeAI>, context: Arc<Context>) -> Result<controller::Action> {
    context.cluster.ready().await;
    let result = studio::controller::reconcile(studio.clone(), context.clone()).await;
    if result.is_ok() {
        context.after_success(studio.as_ref());
    }
    result
}

async fn reconcile_user(user: Arc<InvokeUser>, context: Arc<Context>) -> Result<controller::Action> {
    context.cluster.ready().await;
    let result = user::controller::reconcile(user.clone(), context.clone()).await;
    if result.is_ok() {
        context.after_success(user.as_ref());
    }
    result
}

fn api<K>(client: &Client, settings: &OperatorSettings) -> Api<K>
where
    K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
{
    match &settings.watch_namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    }
}

/// The accounts whose password is in this Secret.
fn users_of(users: &Store<InvokeUser>, namespace: &str, secret: &str) -> Vec<ObjectRef<InvokeUser>> {
    let of_secret = |user: &Arc<InvokeUser>| {
        user.namespace().as_deref() == Some(namespace)
            && password::secret_of(user).is_some_and(|(name, _)| name == secret)
    };
    users
        .state()
        .iter()
        .filter(|user| of_secret(user))
        .map(|user| ObjectRef::from_obj(user.as_ref()))
        .collect()
}

/// The accounts of a studio that are not as they should be: it may have come up.
fn accounts_waiting_for(users: &Store<InvokeUser>, studio: &InvokeAI) -> Vec<ObjectRef<InvokeUser>> {
    let key = (studio.namespace().unwrap_or_default(), studio.name_any());
    let waits = |user: &Arc<InvokeUser>| {
        let conditions = user.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
        let ready = conditions.first().is_some_and(|condition| condition.status == "True");
        admission::studio_of(user) == key && !ready
    };
    users.state().iter().filter(|user| waits(user)).map(|user| ObjectRef::from_obj(user.as_ref())).collect()
}

/// Forgets what is remembered of studios that are gone.
fn forget_gone(context: &Context, studios: &Store<InvokeAI>) {
    let present = studios.state().iter().map(|s| (s.namespace().unwrap_or_default(), s.name_any())).collect();
    metrics::forget_absent(&present);
    let mut memories = context.memories.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    memories.retain(|key, _| present.contains(key));
}

/// `/healthz`, `/readyz`, `/metrics`, on every replica. One that waits for the lease is ready to take over.
async fn serve_health(listener: tokio::net::TcpListener, stop: CancellationToken) {
    let scrape = async || metrics::render().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR);
    let application = Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(async || "ready"))
        .route("/metrics", get(scrape));
    if let Err(error) =
        axum::serve(listener, application).with_graceful_shutdown(stop.cancelled_owned()).await
    {
        tracing::error!(%error, "metrics and health are no longer served");
    }
}
