//! Which `InvokeUser` resources a studio listens to.
use crate::{
    context::Context,
    error::Result,
    resource::{InvokeAI, InvokeUser, condition::Finding},
};
use k8s_openapi::{api::core::v1::Namespace, apimachinery::pkg::apis::meta::v1::LabelSelector};
use kube::{Api, ResourceExt, runtime::reflector::ObjectRef};
use std::{collections::BTreeMap, sync::Arc};

/// The namespace and the name of the studio of an account.
pub fn studio_of(user: &InvokeUser) -> (String, String) {
    let namespace = user.spec.instance.namespace.clone().or_else(|| user.namespace()).unwrap_or_default();
    (namespace, user.spec.instance.name.clone())
}

/// The studio, or why it does not listen to this resource.
///
/// # Errors
/// When the API server does not answer.
pub async fn admit(
    context: &Context,
    user: &InvokeUser,
) -> Result<std::result::Result<Arc<InvokeAI>, Finding>> {
    let (namespace, name) = studio_of(user);
    let Some(studio) = context.studios.get(&ObjectRef::new(&name).within(&namespace)) else {
        let message = format!("there is no InvokeAI {name} in the namespace {namespace}");
        return Ok(Err(Finding::no("Ready", "StudioMissing", message)));
    };
    let own = user.namespace().unwrap_or_default();
    if own != namespace && !admits(context, &studio, &own).await? {
        let message = format!(
            "the InvokeAI {namespace}/{name} does not admit users from the namespace {own}; \
             its spec.users.namespaceSelector has to select it"
        );
        return Ok(Err(Finding::no("Ready", "NotAdmitted", message)));
    }
    if let Some(holder) = older_holder(user, &context.users.state()) {
        let message =
            format!("the older InvokeUser {holder} already holds {}; delete one of the two", user.spec.email);
        return Ok(Err(Finding::no("Ready", "EmailHeld", message)));
    }
    Ok(Ok(studio))
}

async fn admits(context: &Context, studio: &InvokeAI, namespace: &str) -> Result<bool> {
    let Some(selector) = &studio.spec.users.namespace_selector else { return Ok(false) };
    let api: Api<Namespace> = Api::all(context.client.clone());
    let namespace = api.get_opt(namespace).await?;
    Ok(namespace.is_some_and(|namespace| selects(selector, namespace.labels())))
}

/// Whether a selector selects these labels.
pub fn selects(selector: &LabelSelector, labels: &BTreeMap<String, String>) -> bool {
    let by_labels = selector.match_labels.iter().flatten().all(|(key, value)| labels.get(key) == Some(value));
    let by_expressions = selector.match_expressions.iter().flatten().all(|expression| {
        let value = labels.get(&expression.key);
        let among = value.is_some_and(|value| expression.values.iter().flatten().any(|one| one == value));
        match expression.operator.as_str() {
            "In" => among,
            "NotIn" => !among,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    });
    by_labels && by_expressions
}

/// The older resource for the same address in the same studio, if there is one.
pub fn older_holder(user: &InvokeUser, all: &[Arc<InvokeUser>]) -> Option<String> {
    let age = |user: &InvokeUser| (user.metadata.creation_timestamp.as_ref().map(|time| time.0), user.uid());
    let same = |other: &&Arc<InvokeUser>| {
        other.uid() != user.uid()
            && other.metadata.deletion_timestamp.is_none()
            && studio_of(other) == studio_of(user)
            && other.spec.email.eq_ignore_ascii_case(&user.spec.email)
            && age(other) < age(user)
    };
    let holder = all.iter().find(same)?;
    Some(format!("{}/{}", holder.namespace().unwrap_or_default(), holder.name_any()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{InvokeUserSpec, user::InstanceReference};
    use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
    use kube::api::ObjectMeta;

    fn user(name: &str, email: &str, second: i64) -> Arc<InvokeUser> {
        let metadata = ObjectMeta {
            name: Some(name.into()),
            namespace: Some("team".into()),
            uid: Some(name.into()),
            creation_timestamp: Timestamp::from_second(second).ok().map(Time),
            ..ObjectMeta::default()
        };
        let instance = InstanceReference { name: "studio".into(), namespace: None };
        let spec = InvokeUserSpec { instance, email: email.into(), ..InvokeUserSpec::default() };
        Arc::new(InvokeUser { metadata, spec, status: None })
    }

    #[test]
    fn of_two_resources_for_one_address_the_older_one_holds() {
        let all = [user("a", "ada@example.org", 2), user("b", "Ada@Example.org", 1)];
        assert_eq!(older_holder(&all[0], &all).as_deref(), Some("team/b"));
        assert_eq!(older_holder(&all[1], &all), None);
    }

    #[test]
    fn an_empty_selector_admits_every_namespace() {
        assert!(selects(&LabelSelector::default(), &BTreeMap::new()));
        let labels = BTreeMap::from([("team".to_owned(), "art".to_owned())]);
        let selector = LabelSelector { match_labels: Some(labels.clone()), ..LabelSelector::default() };
        assert!(selects(&selector, &labels));
        assert!(!selects(&selector, &BTreeMap::new()));
    }
}
