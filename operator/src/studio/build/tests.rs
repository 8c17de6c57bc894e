//! Whole manifests as snapshots, and rules that hold for all of them.
use super::*;
use crate::resource::{
    InvokeAISpec,
    database::{Backup, DatabaseSpec, ExternalDatabase, ManagedDatabase},
    storage::{S3, StorageSpec},
};
use k8s_openapi::{
    NamespaceResourceScope, Resource as KubernetesResource,
    api::{
        apps::v1::{Deployment, StatefulSet},
        batch::v1::{CronJob, Job},
        core::v1::{ConfigMap, PersistentVolumeClaim, Secret, Service, ServiceAccount},
        networking::v1::{Ingress, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
    },
};
use kube::api::ObjectMeta;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn input(spec: Value) -> anyhow::Result<Input> {
    let metadata = ObjectMeta {
        name: Some("studio".into()),
        namespace: Some("team".into()),
        uid: Some("0b6b5a5e".into()),
        ..ObjectMeta::default()
    };
    let spec: InvokeAISpec = serde_json::from_value(spec)?;
    let pools = spec.pools().map(|(name, pool)| {
        let pool = Pool { image: "invokeai:2-cuda".into(), replicas: pool.replicas.unwrap_or(1) };
        (name.to_owned(), pool)
    });
    Ok(Input {
        pools: pools.collect(),
        studio: InvokeAI { metadata, spec, status: None },
        default_image: "invokeai:2".into(),
        database_image: "postgres:15".into(),
        database_port: 5432,
        digests: Digests { signing_key: "aa".into(), database: "bb".into(), storage: String::new() },
        server_image: Some("invokeai:2".into()),
        migrate: true,
        has_prometheus_operator: true,
    })
}

fn everything() -> Value {
    json!({
        "imagePullSecrets": [{ "name": "registry" }],
        "server": {
            "replicas": 2,
            "ingress": { "host": "studio.example.org", "className": "nginx", "tlsSecretName": "tls" },
            "settings": { "strict_password_checking": true, "session_queue_mode": "FIFO", "max_queue_size": 50 },
        },
        "workers": { "autoscale": { "min": 0, "max": 3 }, "modelCacheGib": 12 },
        "workerPools": [{
            "name": "slices", "replicas": 2,
            "accelerator": { "resourceName": "nvidia.com/mig-1g.10gb", "runtimeClassName": "nvidia" },
            "scheduling": { "nodeSelector": { "gpu": "a100" }, "tolerations": [{ "key": "gpu", "operator": "Exists" }] },
        }],
        "database": { "external": { "urlSecretRef": { "name": "pg-app" } } },
        "storage": { "s3": {
            "bucket": "images", "endpoint": "http://minio:9000", "credentialsSecretName": "s3", "region": "eu-west-1",
        } },
        "models": { "volume": { "claimName": "shared-models" }, "bundled": false },
    })
}

fn as_yaml(manifests: &[Manifest]) -> anyhow::Result<String> {
    let texts = manifests.iter().map(|manifest| serde_yaml_ng::to_string(&manifest.value));
    Ok(texts.collect::<Result<Vec<_>, _>>()?.join("---\n"))
}

#[test]
fn an_empty_spec_is_a_whole_studio() -> anyhow::Result<()> {
    insta::assert_snapshot!(as_yaml(&objects(&input(json!({}))?))?);
    Ok(())
}

#[test]
fn every_part_can_be_ones_own() -> anyhow::Result<()> {
    insta::assert_snapshot!(as_yaml(&objects(&input(everything())?))?);
    Ok(())
}

#[test]
fn generated_secrets_have_the_keys_that_others_expect() -> anyhow::Result<()> {
    let input = input(json!({}))?;
    let all =
        [secret::signing_key(&input, "k"), secret::administrator(&input, "p"), secret::database(&input, "d")];
    insta::assert_snapshot!(as_yaml(&all)?);
    Ok(())
}

#[test]
fn dumps_are_scheduled_when_they_are_asked_for() -> anyhow::Result<()> {
    let mut input = input(json!({}))?;
    let managed = ManagedDatabase { backup: Some(Backup::default()), ..ManagedDatabase::default() };
    input.studio.spec.database = DatabaseSpec { managed: Some(managed), external: None };
    insta::assert_snapshot!(as_yaml(&cron_job::backup(&input).into_iter().collect::<Vec<_>>())?);
    Ok(())
}

#[test]
fn before_the_first_migration_there_is_neither_server_nor_worker() -> anyhow::Result<()> {
    let mut input = input(json!({}))?;
    (input.server_image, input.migrate) = (None, false);
    input.pools.clear();
    let kinds: Vec<&str> = objects(&input).iter().map(|manifest| manifest.kind).collect();
    assert!(!kinds.contains(&"Deployment") && !kinds.contains(&"Job"), "{kinds:?}");
    assert!(kinds.contains(&"StatefulSet"));
    Ok(())
}

/// A manifest whose fields Kubernetes does not know would lose them in its type.
fn survives<K: DeserializeOwned + Serialize + KubernetesResource<Scope = NamespaceResourceScope>>(
    manifest: &Manifest,
) -> anyhow::Result<()> {
    let typed: K = serde_json::from_value(manifest.value.clone())?;
    let again = serde_json::to_value(typed)?;
    assert_eq!(again, manifest.value, "{} {}", manifest.kind, manifest.name);
    Ok(())
}

#[test]
fn every_field_is_one_that_kubernetes_knows() -> anyhow::Result<()> {
    for spec in [json!({}), everything()] {
        for manifest in objects(&input(spec)?) {
            match manifest.kind {
                "Deployment" => survives::<Deployment>(&manifest)?,
                "StatefulSet" => survives::<StatefulSet>(&manifest)?,
                "Job" => survives::<Job>(&manifest)?,
                "CronJob" => survives::<CronJob>(&manifest)?,
                "ConfigMap" => survives::<ConfigMap>(&manifest)?,
                "Secret" => survives::<Secret>(&manifest)?,
                "Service" => survives::<Service>(&manifest)?,
                "ServiceAccount" => survives::<ServiceAccount>(&manifest)?,
                "PersistentVolumeClaim" => survives::<PersistentVolumeClaim>(&manifest)?,
                "Ingress" => survives::<Ingress>(&manifest)?,
                "NetworkPolicy" => survives::<NetworkPolicy>(&manifest)?,
                "PodDisruptionBudget" => survives::<PodDisruptionBudget>(&manifest)?,
                kind => assert_eq!(kind, "PodMonitor"),
            }
        }
    }
    Ok(())
}

#[test]
fn every_pod_meets_the_restricted_standard() -> anyhow::Result<()> {
    let mut pods = 0;
    for manifest in objects(&input(everything())?).iter().chain(&objects(&input(json!({}))?)) {
        let template = match manifest.kind {
            "CronJob" => &manifest.value["spec"]["jobTemplate"]["spec"]["template"],
            _ => &manifest.value["spec"]["template"],
        };
        if template.is_null() {
            continue;
        }
        pods += 1;
        let spec = &template["spec"];
        assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
        assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        assert_eq!(spec["automountServiceAccountToken"], false);
        for container in spec["containers"].as_array().into_iter().flatten() {
            let security = &container["securityContext"];
            assert_eq!(security["allowPrivilegeEscalation"], false);
            assert_eq!(security["readOnlyRootFilesystem"], true);
            assert_eq!(security["capabilities"]["drop"], json!(["ALL"]));
        }
    }
    assert_eq!(pods, 8);
    Ok(())
}

#[test]
fn data_goes_with_the_studio_only_when_the_policy_says_so() -> anyhow::Result<()> {
    let owned = |input: &Input| {
        let claims = objects(input).into_iter().filter(|manifest| manifest.kind == "PersistentVolumeClaim");
        claims.map(|claim| !claim.value["metadata"]["ownerReferences"].is_null()).collect::<Vec<_>>()
    };
    assert_eq!(owned(&input(json!({}))?), [false; 3]);
    assert_eq!(owned(&input(json!({ "deletionPolicy": "Delete" }))?), [true; 3]);
    Ok(())
}

#[test]
fn only_the_studios_own_parts_reach_the_database_and_who_may_talk_to_whom_is_a_table() -> anyhow::Result<()> {
    let mut table = Vec::new();
    let own_identity = json!({ "storage": { "s3": { "bucket": "images" } } });
    for spec in [json!({}), everything(), own_identity] {
        for manifest in objects(&input(spec)?).iter().filter(|manifest| manifest.kind == "NetworkPolicy") {
            let spec = &manifest.value["spec"];
            table.push(format!("{}: in {} out {}", manifest.name, spec["ingress"], spec["egress"]));
        }
    }
    insta::assert_snapshot!(table.join("\n"));
    Ok(())
}

#[test]
fn an_external_database_is_found_by_the_secret_of_cloudnativepg() -> anyhow::Result<()> {
    let mut input = input(json!({}))?;
    let secret = crate::resource::SecretKey { name: "pg-app".into(), key: None };
    input.studio.spec.database =
        DatabaseSpec { managed: None, external: Some(ExternalDatabase { url_secret_ref: secret }) };
    input.studio.spec.storage = StorageSpec { volume: None, s3: Some(S3::default()) };
    assert_eq!(environment::database_secret(&input), ("pg-app".to_owned(), "uri".to_owned()));
    Ok(())
}
