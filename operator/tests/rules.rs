//! The rules of the definitions refuse what can never work. The API server is asked the same in tests/cluster.
#![cfg(feature = "cel")]
use kube::{CustomResourceExt, Resource, core::cel::Validator};
use operator::resource::{InvokeAI, InvokeUser};
use serde_json::{Value, json};

/// What the rules of a definition say to an object, and to its change from another.
fn refusals<K: CustomResourceExt + Resource<DynamicType = ()>>(
    spec: Value,
    before: Option<Value>,
) -> anyhow::Result<String> {
    let definition = K::crd();
    let schema = definition.spec.versions[0].schema.clone().and_then(|schema| schema.open_api_v3_schema);
    let schema = serde_json::to_value(schema)?;
    let object = |spec: Value| json!({ "metadata": { "name": "studio" }, "spec": spec });
    let before = before.map(object);
    let result = Validator::new().validate(&schema, &object(spec), before.as_ref());
    Ok(result.err().map(|errors| format!("{errors:?}")).unwrap_or_default())
}

fn refused<K: CustomResourceExt + Resource<DynamicType = ()>>(
    spec: Value,
    before: Option<Value>,
    because: &str,
) -> anyhow::Result<()> {
    let text = refusals::<K>(spec.clone(), before)?;
    assert!(text.contains(because), "{spec} was to be refused because {because:?}: {text}");
    Ok(())
}

#[test]
fn a_studio_that_can_never_work_is_refused_with_the_reason() -> anyhow::Result<()> {
    assert_eq!(refusals::<InvokeAI>(json!({}), None)?, "");
    let cases = [
        (
            json!({ "database": { "managed": {}, "external": { "urlSecretRef": { "name": "x" } } } }),
            "a studio has one database",
        ),
        (json!({ "storage": { "volume": {}, "s3": { "bucket": "abc" } } }), "images are kept in one place"),
        (json!({ "storage": { "volume": { "claimName": "a", "size": "1Gi" } } }), "give one or the other"),
        (
            json!({ "workers": { "replicas": 1, "autoscale": { "min": 0, "max": 1 } } }),
            "give replicas or autoscale",
        ),
        (json!({ "workers": { "autoscale": { "min": 3, "max": 1 } } }), "must not be above"),
        (json!({ "workerPools": [{ "name": "default" }] }), "the pool named default"),
        (
            json!({ "workerPools": [{ "name": "a", "replicas": 1, "autoscale": { "min": 0, "max": 1 } }] }),
            "not both",
        ),
        (json!({ "image": { "tag": "1", "digest": format!("sha256:{}", "0".repeat(64)) } }), "not both"),
    ];
    for (spec, because) in cases {
        refused::<InvokeAI>(spec, None, because)?;
    }
    Ok(())
}

#[test]
fn an_account_keeps_its_email_and_its_studio() -> anyhow::Result<()> {
    let user = |email: &str, studio: &str| json!({ "email": email, "instance": { "name": studio } });
    let before = Some(user("ada@example.org", "studio"));
    assert_eq!(refusals::<InvokeUser>(user("ada@example.org", "studio"), before.clone())?, "");
    refused::<InvokeUser>(
        user("eve@example.org", "studio"),
        before.clone(),
        "email of an account cannot change",
    )?;
    refused::<InvokeUser>(user("ada@example.org", "other"), before, "cannot move to another studio")?;
    let mut both = user("ada@example.org", "studio");
    both["passwordSecretRef"] = json!({ "name": "a" });
    both["generatePassword"] = true.into();
    refused::<InvokeUser>(both, None, "not both")?;
    let mut heir = user("ada@example.org", "studio");
    heir["reassignTo"] = "eve@example.org".into();
    refused::<InvokeUser>(heir, None, "needs reclaimPolicy Delete")
}
