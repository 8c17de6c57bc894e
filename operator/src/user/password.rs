//! Where the password of an account comes from.
use super::plan::Password;
use crate::{
    context::{Context, password},
    error::Result,
    metrics,
    resource::{InvokeUser, condition::Finding},
    studio::build::{manifest::short_digest, names},
};
use k8s_openapi::{ByteString, api::core::v1::Secret};
use kube::{
    Api, Resource, ResourceExt,
    api::{ObjectMeta, PostParams},
};
use std::collections::BTreeMap;

/// The Secret with the password and the key in it; `None`: the resource leaves the password to people.
pub fn secret_of(user: &InvokeUser) -> Option<(String, String)> {
    if let Some(reference) = &user.spec.password_secret_ref {
        return Some((reference.name.clone(), reference.key_or("password").to_owned()));
    }
    let generated = user.spec.generate_password == Some(true);
    generated.then(|| (format!("{}-password", user.name_any()), "password".to_owned()))
}

/// The password. One that is to be generated is, once.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn find(
    context: &Context,
    user: &InvokeUser,
    signing_key: &[u8],
) -> Result<std::result::Result<Option<Password>, Finding>> {
    let Some((name, key)) = secret_of(user) else { return Ok(Ok(None)) };
    let namespace = user.namespace().unwrap_or_default();
    let api: Api<Secret> = Api::namespaced(context.client.clone(), &namespace);
    let secret = match api.get_opt(&name).await? {
        Some(secret) => secret,
        None if user.spec.password_secret_ref.is_none() => generate(context, user, &api, &name).await?,
        None => {
            let message = format!("the Secret {name} does not exist in the namespace {namespace}; create it");
            return Ok(Err(Finding::no("Ready", "PasswordSecretMissing", message)));
        }
    };
    let value = secret.data.and_then(|mut data| data.remove(&key));
    let Some(text) = value.and_then(|value| String::from_utf8(value.0).ok()) else {
        let message = format!("the Secret {name} has no text under the key {key}");
        return Ok(Err(Finding::no("Ready", "PasswordSecretMissing", message)));
    };
    // Tools that write Secrets from files leave a line end.
    let text = text.trim_end_matches(['\r', '\n']).to_owned();
    let digest = short_digest(&format!("{}\0{text}", String::from_utf8_lossy(signing_key)));
    Ok(Ok(Some(Password { text, digest })))
}

async fn generate(context: &Context, user: &InvokeUser, api: &Api<Secret>, name: &str) -> Result<Secret> {
    context.leadership.check()?;
    metrics::count_write("Secret", "create");
    let text = |text: &str| ByteString(text.as_bytes().to_vec());
    let secret = Secret {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            owner_references: user.controller_owner_ref(&()).map(|owner| vec![owner]),
            labels: Some(BTreeMap::from([(names::MANAGED_BY.to_owned(), names::OPERATOR.to_owned())])),
            ..ObjectMeta::default()
        },
        data: Some(BTreeMap::from([
            ("email".to_owned(), text(&user.spec.email)),
            ("password".to_owned(), text(&password(24))),
        ])),
        type_: Some("Opaque".to_owned()),
        ..Secret::default()
    };
    let parameters = PostParams { field_manager: Some(names::OPERATOR.into()), ..PostParams::default() };
    match api.create(&parameters, &secret).await {
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(api.get(name).await?),
        other => Ok(other?),
    }
}
