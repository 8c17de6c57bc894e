//! The operator's own objects as the API server has them, kept up to date by watches.
use crate::{resource::InvokeAI, settings::OperatorSettings, studio::build::names};
use futures::{Stream, StreamExt, stream::select_all};
use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, DynamicObject, TypeMeta},
    core::GroupVersionKind,
    runtime::{
        WatchStreamExt,
        reflector::{self, ObjectRef, Store},
        watcher::{self, watcher},
    },
};
use std::{pin::Pin, sync::Arc};
use tokio::sync::SetOnce;

/// A kind of object that the operator makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// `v1`, `apps/v1`, …
    pub api_version: &'static str,
    /// `Service`, …
    pub kind: &'static str,
    /// `services`, …
    pub plural: &'static str,
    /// Whether what is no longer wanted is removed; data never is.
    pub removable: bool,
}

const fn kind(api_version: &'static str, kind: &'static str, plural: &'static str, removable: bool) -> Kind {
    Kind { api_version, kind, plural, removable }
}

/// Every kind that the operator makes and every API server knows.
pub const KINDS: [Kind; 13] = [
    kind("v1", "ServiceAccount", "serviceaccounts", true),
    kind("v1", "ConfigMap", "configmaps", true),
    kind("v1", "Secret", "secrets", false),
    kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims", false),
    kind("v1", "Service", "services", true),
    kind("v1", "Pod", "pods", false),
    kind("apps/v1", "Deployment", "deployments", true),
    kind("apps/v1", "StatefulSet", "statefulsets", true),
    kind("batch/v1", "Job", "jobs", true),
    kind("batch/v1", "CronJob", "cronjobs", true),
    kind("networking.k8s.io/v1", "Ingress", "ingresses", true),
    kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true),
    kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
];
/// Only where the Prometheus operator is installed.
pub const POD_MONITOR: Kind = kind("monitoring.coreos.com/v1", "PodMonitor", "podmonitors", true);

impl Kind {
    /// The kind with this name.
    pub fn of(api_version: &str, name: &str) -> Option<Self> {
        KINDS
            .into_iter()
            .chain([POD_MONITOR])
            .find(|kind| kind.api_version == api_version && kind.kind == name)
    }

    /// As kube's dynamic API takes it.
    pub fn resource(&self) -> ApiResource {
        let (group, version) = self.api_version.split_once('/').unwrap_or(("", self.api_version));
        ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, self.kind), self.plural)
    }

    /// Its objects in a namespace.
    pub fn api(&self, client: Client, namespace: &str) -> Api<DynamicObject> {
        Api::namespaced_with(client, namespace, &self.resource())
    }
}

/// The objects that belong to studios, of all kinds.
pub struct Cluster {
    stores: Vec<(Kind, Store<DynamicObject>)>,
    has_prometheus_operator: bool,
    listed: SetOnce<()>,
}

/// Studios that something happened to.
pub type Touched = Pin<Box<dyn Stream<Item = ObjectRef<InvokeAI>> + Send>>;

impl Cluster {
    /// Starts to watch. The stream has to be polled for the objects to be known.
    pub async fn watch(client: &Client, settings: &OperatorSettings) -> (Arc<Self>, Touched) {
        let has_prometheus_operator = knows_pod_monitors(client).await;
        let mut stores = Vec::new();
        let mut streams: Vec<Touched> = Vec::new();
        let kinds = KINDS.into_iter().chain(has_prometheus_operator.then_some(POD_MONITOR));
        for kind in kinds {
            let resource = kind.resource();
            let api: Api<DynamicObject> = match &settings.watch_namespace {
                Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
                None => Api::all_with(client.clone(), &resource),
            };
            let selector = format!("{}={}", names::MANAGED_BY, names::OPERATOR);
            let writer = reflector::store::Writer::new(resource);
            stores.push((kind, writer.as_reader()));
            let events = watcher(api, watcher::Config::default().labels(&selector));
            let touched = events
                .default_backoff()
                .modify(move |object: &mut DynamicObject| known_as(&kind, object))
                .reflect(writer)
                .touched_objects()
                .filter_map(|object| async { studio_of(&object.ok()?) });
            streams.push(Box::pin(touched));
        }
        let cluster = Self { stores, has_prometheus_operator, listed: SetOnce::new() };
        (Arc::new(cluster), Box::pin(select_all(streams)))
    }

    /// Waits until every kind, and the studios, have been listed once, and tells all that wait for [`Self::ready`].
    /// Only one task may wait for a store itself: of several, kube wakes the one that asked last, and the others never.
    pub async fn list(&self, studios: &Store<InvokeAI>) {
        // An error means that the stream has ended: the process stops anyway.
        for (_, store) in &self.stores {
            store.wait_until_ready().await.ok();
        }
        studios.wait_until_ready().await.ok();
        self.listed.set(()).ok();
    }

    /// Waits until every kind, and the studios, have been listed once; for any number of tasks.
    pub async fn ready(&self) {
        self.listed.wait().await;
    }

    /// Whether the cluster knows PodMonitors.
    pub fn has_prometheus_operator(&self) -> bool {
        self.has_prometheus_operator
    }

    /// The objects of a studio.
    pub fn of(&self, namespace: &str, studio: &str) -> Vec<(Kind, Arc<DynamicObject>)> {
        let mut found = Vec::new();
        for (kind, store) in &self.stores {
            for object in store.state() {
                if object.metadata.namespace.as_deref() == Some(namespace)
                    && object.labels().get(names::INSTANCE).is_some_and(|name| name == studio)
                {
                    found.push((*kind, object));
                }
            }
        }
        found
    }
}

/// An object as it is kept: in a list the API server leaves out of what kind its items are, in an event it does not,
/// and what is wanted is compared with both.
fn known_as(kind: &Kind, object: &mut DynamicObject) {
    object.metadata.managed_fields = None;
    object.types = Some(TypeMeta { api_version: kind.api_version.into(), kind: kind.kind.into() });
}

/// The studio that an object belongs to, by its labels.
fn studio_of(object: &DynamicObject) -> Option<ObjectRef<InvokeAI>> {
    let studio = object.labels().get(names::INSTANCE)?;
    Some(ObjectRef::new(studio).within(object.metadata.namespace.as_deref()?))
}

async fn knows_pod_monitors(client: &Client) -> bool {
    let groups = client.list_api_groups().await;
    groups.is_ok_and(|list| list.groups.iter().any(|group| group.name == "monitoring.coreos.com"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::runtime::reflector::store::Writer;
    use serde_json::json;
    use std::time::Duration;
    use tokio::{task::JoinSet, time::timeout};

    #[test]
    fn an_item_of_a_list_is_known_as_what_it_is() -> serde_json::Result<()> {
        let mut object: DynamicObject = serde_json::from_value(json!({ "metadata": { "name": "a" } }))?;
        known_as(&POD_MONITOR, &mut object);
        let value = serde_json::to_value(&object)?;
        assert_eq!(
            (&value["apiVersion"], &value["kind"]),
            (&json!(POD_MONITOR.api_version), &json!("PodMonitor"))
        );
        Ok(())
    }

    /// As many reconciles as there are places for wait at the start; each is a task of its own.
    #[tokio::test]
    async fn every_task_that_waits_for_the_first_lists_goes_on_after_them() {
        let mut objects = Writer::new(KINDS[0].resource());
        let mut studios = Writer::<InvokeAI>::default();
        let stores = vec![(KINDS[0], objects.as_reader())];
        let cluster = Arc::new(Cluster { stores, has_prometheus_operator: false, listed: SetOnce::new() });
        let mut waiting = JoinSet::new();
        for _ in 0..8 {
            let cluster = cluster.clone();
            waiting.spawn(async move { cluster.ready().await });
        }
        let (lister, all_studios) = (cluster.clone(), studios.as_reader());
        waiting.spawn(async move { lister.list(&all_studios).await });
        let before = timeout(Duration::from_millis(50), waiting.join_next()).await;
        assert!(before.is_err(), "nobody goes on before the lists");
        objects.apply_watcher_event(&watcher::Event::InitDone);
        studios.apply_watcher_event(&watcher::Event::InitDone);
        let all = timeout(Duration::from_secs(10), waiting.join_all()).await.map(|done| done.len());
        assert_eq!(all.ok(), Some(9));
    }
}
