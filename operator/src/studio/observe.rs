//! What is there: the studio's objects, the Secrets it names, the load of its queue.
use super::build::names;
use crate::{
    cluster::{Cluster, Kind},
    error::Result,
    resource::{InvokeAI, database::DatabaseKind},
    studio_api::Studio,
};
use domain::load::Load;
use k8s_openapi::api::{
    apps::v1::{Deployment, StatefulSet},
    batch::v1::Job,
    core::v1::{Pod, Secret, Service},
};
use kube::{Api, Client, ResourceExt, api::DynamicObject};
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, sync::Arc};

/// What is there.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The studio's objects.
    pub objects: Vec<(Kind, Arc<DynamicObject>)>,
    /// The Secrets that the studio names, as far as they exist: generated ones and others.
    pub secrets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// What the queue holds; `None`: the server does not answer.
    pub load: Option<Load>,
    /// Whether the cluster knows PodMonitors.
    pub has_prometheus_operator: bool,
}

impl Observed {
    /// An object as it is.
    pub fn object(&self, api_version: &str, kind: &str, name: &str) -> Option<&DynamicObject> {
        let same = |(found, object): &&(Kind, Arc<DynamicObject>)| {
            found.api_version == api_version
                && found.kind == kind
                && object.metadata.name.as_deref() == Some(name)
        };
        self.objects.iter().find(same).map(|(_, object)| object.as_ref())
    }

    fn typed<T: DeserializeOwned>(&self, api_version: &str, kind: &str, name: &str) -> Option<T> {
        into_typed(self.object(api_version, kind, name)?)
    }

    /// A Deployment.
    pub fn deployment(&self, name: &str) -> Option<Deployment> {
        self.typed("apps/v1", "Deployment", name)
    }
    /// A StatefulSet.
    pub fn stateful_set(&self, name: &str) -> Option<StatefulSet> {
        self.typed("apps/v1", "StatefulSet", name)
    }
    /// A Job.
    pub fn job(&self, name: &str) -> Option<Job> {
        self.typed("batch/v1", "Job", name)
    }
    /// The pods of a part of the studio.
    pub fn pods(&self, component: &str) -> Vec<Pod> {
        let of_component =
            |object: &DynamicObject| object.labels().get(names::COMPONENT).is_some_and(|c| c == component);
        let pods = self.objects.iter().filter(|(kind, object)| kind.kind == "Pod" && of_component(object));
        pods.filter_map(|(_, object)| into_typed(object)).collect()
    }
    /// A value of a Secret.
    pub fn secret(&self, name: &str, key: &str) -> Option<&[u8]> {
        self.secrets.get(name)?.get(key).map(Vec::as_slice)
    }

    /// `http://address:port` of the server's Service.
    pub fn server_url(&self, studio: &str) -> Option<String> {
        let service: Service = self.typed("v1", "Service", &names::server(studio))?;
        let address = service.spec?.cluster_ip.filter(|address| !address.is_empty() && address != "None")?;
        let host = if address.contains(':') { format!("[{address}]") } else { address };
        Some(format!("http://{host}:{}", names::SERVER_PORT))
    }
}

fn into_typed<T: DeserializeOwned>(object: &DynamicObject) -> Option<T> {
    serde_json::from_value(serde_json::to_value(object).ok()?).ok()
}

/// The name and the key of the Secret that signs the studio's sessions.
pub fn signing_key(studio: &InvokeAI) -> (String, String) {
    match &studio.spec.auth.signing_key_secret_ref {
        Some(reference) => (reference.name.clone(), reference.key_or("key").to_owned()),
        None => (names::signing_key(&studio.name_any()), "key".to_owned()),
    }
}

/// The Secrets of others that the studio names.
fn foreign_secrets(studio: &InvokeAI) -> Vec<String> {
    let spec = &studio.spec;
    let mut names = Vec::new();
    names.extend(spec.auth.signing_key_secret_ref.iter().map(|secret| secret.name.clone()));
    names.extend(spec.auth.administrator.password_secret_ref.iter().map(|secret| secret.name.clone()));
    if let DatabaseKind::External(external) = spec.database.kind() {
        names.push(external.url_secret_ref.name.clone());
    }
    names.extend(spec.storage.s3.iter().filter_map(|s3| s3.credentials_secret_name.clone()));
    names.sort();
    names.dedup();
    names
}

/// Looks at everything.
///
/// # Errors
/// When the API server does not answer.
pub async fn observe(
    client: &Client,
    cluster: &Cluster,
    http: &reqwest::Client,
    studio: &InvokeAI,
) -> Result<Observed> {
    let (namespace, name) = (studio.namespace().unwrap_or_default(), studio.name_any());
    let mut observed = Observed {
        objects: cluster.of(&namespace, &name),
        has_prometheus_operator: cluster.has_prometheus_operator(),
        ..Observed::default()
    };
    let ours = observed.objects.iter().filter(|(kind, _)| kind.kind == "Secret");
    let ours: Vec<Secret> = ours.filter_map(|(_, object)| into_typed(object)).collect();
    let api: Api<Secret> = Api::namespaced(client.clone(), &namespace);
    let mut secrets = ours;
    for name in foreign_secrets(studio) {
        secrets.extend(api.get_opt(&name).await?);
    }
    for secret in secrets {
        let data = secret.data.clone().unwrap_or_default();
        observed
            .secrets
            .insert(secret.name_any(), data.into_iter().map(|(key, value)| (key, value.0)).collect());
    }
    observed.load = match api_of(&observed, http, studio) {
        Some(api) if has_ready_server(&observed, &name) => match api.load().await {
            Ok(load) => Some(load),
            Err(error) => {
                tracing::debug!(studio = name, namespace, %error, "the load of the queue is not known");
                None
            }
        },
        _ => None,
    };
    Ok(observed)
}

/// The studio's HTTP API, when its address and its key are known.
pub fn api_of(observed: &Observed, http: &reqwest::Client, studio: &InvokeAI) -> Option<Studio> {
    let (secret, key) = signing_key(studio);
    let url = observed.server_url(&studio.name_any())?;
    let key = observed.secret(&secret, &key)?;
    // The server reads its key without white space around it.
    Some(Studio::new(http.clone(), url, key.trim_ascii()))
}

fn has_ready_server(observed: &Observed, studio: &str) -> bool {
    let status = observed.deployment(&names::server(studio)).and_then(|deployment| deployment.status);
    status.and_then(|status| status.ready_replicas).is_some_and(|ready| ready > 0)
}
