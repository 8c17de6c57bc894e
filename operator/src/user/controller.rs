//! The controller of accounts.
use super::{
    admission::{self, studio_of},
    password,
    plan::{self, Password},
    reclaim::{self, refusal},
};
use crate::{
    context::Context,
    error::{Result, within},
    metrics,
    resource::{
        InvokeAI, InvokeUser,
        condition::{Finding, conditions},
        user::UserStatus,
    },
    settings::{STEP_LIMIT, STUDIO_INTERVAL, USER_INTERVAL},
    studio::{
        build::names,
        observe::{self, Observed},
    },
    studio_api::{Account, AccountChanges, Studio},
};
use k8s_openapi::{api::core::v1::Secret, jiff::Timestamp};
use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams},
    runtime::{controller::Action, events::EventType},
};
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Undone in the studio when the resource is deleted.
pub const FINALIZER: &str = "invokeai.dev/account";
/// How long a list of accounts serves several resources.
const LIST_AGE: Duration = Duration::from_secs(3);

/// Brings an account to what its resource says.
///
/// # Errors
/// When the API server or the studio does not answer.
pub async fn reconcile(user: Arc<InvokeUser>, context: Arc<Context>) -> Result<Action> {
    let started = Instant::now();
    let result = within(STEP_LIMIT, step(&user, &context)).await;
    let took = started.elapsed();
    metrics::observe_reconcile("user", took, &result);
    let (count, at_once) = (context.users.len(), context.settings.concurrency);
    let intervals = [STUDIO_INTERVAL, USER_INTERVAL];
    result.map(|action| context.user_pace.next(action, &intervals, took, count, at_once))
}

/// A studio that can be asked, and the key that signs its sessions.
struct Reach {
    studio: Studio,
    signing_key: Vec<u8>,
}

async fn step(user: &InvokeUser, context: &Context) -> Result<Action> {
    let deleting = user.metadata.deletion_timestamp.is_some();
    if deleting && !user.finalizers().iter().any(|name| name == FINALIZER) {
        return Ok(Action::await_change());
    }
    let studio = match admission::admit(context, user).await? {
        Ok(studio) => studio,
        // Without a studio that listens, there is nothing to undo.
        Err(_) if deleting => return set_finalizer(context, user, false).await,
        Err(finding) => return report(context, user, finding, None).await,
    };
    if studio.spec.paused {
        let finding = Finding::no("Ready", "Paused", "the studio is paused: the operator changes nothing");
        return report(context, user, finding, None).await;
    }
    if deleting && studio.metadata.deletion_timestamp.is_some() {
        return set_finalizer(context, user, false).await;
    }
    let Some(reach) = reach(context, &studio).await? else {
        let finding = Finding::no("Ready", "StudioUnavailable", "the studio does not answer yet");
        return report(context, user, finding, None).await;
    };
    if deleting {
        let accounts = accounts(context, user, &reach.studio, true).await?;
        context.leadership.check()?;
        let done = reclaim::reclaim(user, &reach.studio, &accounts).await?;
        forget_accounts(context, user).await;
        return match done {
            Ok(()) => set_finalizer(context, user, false).await,
            Err(finding) => report(context, user, finding, None).await,
        };
    }
    if !user.finalizers().iter().any(|name| name == FINALIZER) {
        return set_finalizer(context, user, true).await;
    }
    let password = match password::find(context, user, &reach.signing_key).await? {
        Ok(password) => password,
        Err(finding) => return report(context, user, finding, None).await,
    };
    keep(context, user, &reach.studio, password.as_ref()).await
}

/// Makes or changes the account.
async fn keep(
    context: &Context,
    user: &InvokeUser,
    studio: &Studio,
    password: Option<&Password>,
) -> Result<Action> {
    let known = accounts(context, user, studio, false).await?;
    let found = match reclaim::find(&known, user) {
        Some(account) => Some(account.clone()),
        // It may have been made since the list was.
        None => reclaim::find(&accounts(context, user, studio, true).await?, user).cloned(),
    };
    let result = match found {
        None => make(context, user, studio, password).await?,
        Some(account) => change(context, user, studio, &account, password).await?,
    };
    match result {
        Ok((account, changed)) => {
            if changed {
                forget_accounts(context, user).await;
            }
            let finding = Finding::yes("Ready", "AsDeclared", "the account is as this resource says");
            report(context, user, finding, Some((account, changed, password))).await
        }
        Err(finding) => report(context, user, finding, None).await,
    }
}

type Kept = std::result::Result<(Account, bool), Finding>;

async fn make(
    context: &Context,
    user: &InvokeUser,
    studio: &Studio,
    password: Option<&Password>,
) -> Result<Kept> {
    let Some(password) = password else {
        let message = "there is no account with this address yet, and a new one needs a password: \
                       give passwordSecretRef or generatePassword";
        return Ok(Err(Finding::no("Ready", "PasswordMissing", message)));
    };
    context.leadership.check()?;
    let wanted = AccountChanges {
        display_name: user.spec.display_name.clone(),
        is_admin: user.spec.admin,
        ..AccountChanges::default()
    };
    let mut account = match studio.create(&user.spec.email, &password.text, &wanted).await {
        Ok(account) => account,
        Err(error) => return refusal(error).map(Err),
    };
    if user.spec.active == Some(false) {
        let changes = AccountChanges { is_active: Some(false), ..AccountChanges::default() };
        account = match studio.update(&account.user_id, &changes).await {
            Ok(account) => account,
            Err(error) => return refusal(error).map(Err),
        };
    }
    let note = format!("made the account {}", user.spec.email);
    context.publish(user, EventType::Normal, "Created", "Create", note).await;
    Ok(Ok((account, true)))
}

async fn change(
    context: &Context,
    user: &InvokeUser,
    studio: &Studio,
    account: &Account,
    password: Option<&Password>,
) -> Result<Kept> {
    let status = user.status.clone().unwrap_or_default();
    let changes = plan::changes(&user.spec, &status, account, password);
    if changes == AccountChanges::default() {
        return Ok(Ok((account.clone(), false)));
    }
    context.leadership.check()?;
    let fields = plan::describe(&changes);
    let by_hand = status.observed_generation == user.metadata.generation
        && status.user_id.as_ref() == Some(&account.user_id)
        && changes.password.is_none();
    match studio.update(&account.user_id, &changes).await {
        Ok(account) => {
            let (type_, reason, note) = if by_hand {
                (
                    EventType::Warning,
                    "PutBack",
                    format!("somebody changed {fields} in the studio; it is put back"),
                )
            } else {
                (EventType::Normal, "Changed", format!("changed {fields}"))
            };
            context.publish(user, type_, reason, "Update", note).await;
            Ok(Ok((account, true)))
        }
        Err(error) => refusal(error).map(Err),
    }
}

/// How the studio is reached; `None` while it does not serve.
async fn reach(context: &Context, studio: &InvokeAI) -> Result<Option<Reach>> {
    let (namespace, name) = (studio.namespace().unwrap_or_default(), studio.name_any());
    let available =
        studio.status.as_ref().and_then(|status| status.condition("ServerReady")).map(|c| c.status.as_str());
    if available != Some("True") {
        return Ok(None);
    }
    let mut observed = Observed { objects: context.cluster.of(&namespace, &name), ..Observed::default() };
    let (secret, key) = observe::signing_key(studio);
    let api: Api<Secret> = Api::namespaced(context.client.clone(), &namespace);
    let Some(value) = signing_key(context, &api, &namespace, &secret, &key).await? else { return Ok(None) };
    observed.secrets.entry(secret).or_default().insert(key, value.clone());
    let found = observe::api_of(&observed, &context.http, studio);
    Ok(found.map(|studio| Reach { studio, signing_key: value }))
}

/// The key is read once in a while, not for each of a thousand accounts.
async fn signing_key(
    context: &Context,
    api: &Api<Secret>,
    namespace: &str,
    secret: &str,
    key: &str,
) -> Result<Option<Vec<u8>>> {
    let id = (namespace.to_owned(), format!("{secret}/{key}"));
    let mut keys = context.signing_keys.lock().await;
    if let Some((since, value)) = keys.get(&id)
        && since.elapsed() < LIST_AGE
    {
        return Ok(Some(value.clone()));
    }
    let found = api.get_opt(secret).await?.and_then(|secret| secret.data?.remove(key)).map(|value| value.0);
    if let Some(value) = &found {
        keys.insert(id, (Instant::now(), value.clone()));
    }
    Ok(found)
}

/// The studio's accounts, at most a moment old.
async fn accounts(
    context: &Context,
    user: &InvokeUser,
    studio: &Studio,
    fresh: bool,
) -> Result<Arc<Vec<Account>>> {
    let key = studio_of(user);
    let mut lists = context.accounts.lock().await;
    if let Some((since, list)) = lists.get(&key)
        && since.elapsed() < LIST_AGE
        && !fresh
    {
        return Ok(list.clone());
    }
    let list = Arc::new(studio.accounts().await?);
    lists.insert(key, (Instant::now(), list.clone()));
    Ok(list)
}

async fn forget_accounts(context: &Context, user: &InvokeUser) {
    context.accounts.lock().await.remove(&studio_of(user));
}

async fn set_finalizer(context: &Context, user: &InvokeUser, present: bool) -> Result<Action> {
    context.leadership.check()?;
    metrics::count_write("InvokeUser", "patch");
    let mut finalizers: Vec<String> =
        user.finalizers().iter().filter(|name| *name != FINALIZER).cloned().collect();
    finalizers.extend(present.then(|| FINALIZER.to_owned()));
    let api: Api<InvokeUser> = Api::namespaced(context.client.clone(), &user.namespace().unwrap_or_default());
    // The version keeps us from removing what somebody else has just added.
    let patch =
        json!({ "metadata": { "finalizers": finalizers, "resourceVersion": user.resource_version() } });
    match api.patch(&user.name_any(), &PatchParams::default(), &Patch::Merge(&patch)).await {
        Err(kube::Error::Api(status)) if status.code == 404 => {}
        Err(kube::Error::Api(status)) if status.code == 409 => {
            return Ok(Action::requeue(Duration::from_millis(500)));
        }
        other => drop(other?),
    }
    Ok(Action::await_change())
}

/// Writes the status when it differs.
async fn report(
    context: &Context,
    user: &InvokeUser,
    finding: Finding,
    kept: Option<(Account, bool, Option<&Password>)>,
) -> Result<Action> {
    let ready = finding.is_true();
    let before = user.status.clone().unwrap_or_default();
    let generation = user.metadata.generation.unwrap_or_default();
    let now = Timestamp::now();
    let mut status = UserStatus {
        observed_generation: Some(generation),
        conditions: conditions(std::slice::from_ref(&finding), &before.conditions, generation, now),
        password_secret_name: password::secret_of(user).map(|(name, _)| name),
        ..before.clone()
    };
    if let Some((account, changed, password)) = kept {
        status.user_id = Some(account.user_id);
        status.password_digest = password.map(|password| password.digest.clone());
        if changed {
            status.last_change_time = Some(now.to_string());
        }
    }
    if user.status.as_ref() != Some(&status) {
        write_status(context, user, &status).await?;
        let was = before.conditions.first().map(|condition| condition.reason.clone());
        if !ready && was.as_deref() != Some(finding.reason) {
            context.publish(user, EventType::Warning, finding.reason, "Reconcile", finding.message).await;
        }
    }
    Ok(Action::requeue(if ready { USER_INTERVAL } else { STUDIO_INTERVAL }))
}

async fn write_status(context: &Context, user: &InvokeUser, status: &UserStatus) -> Result<()> {
    context.leadership.check()?;
    metrics::count_write("InvokeUser", "status");
    let api: Api<InvokeUser> = Api::namespaced(context.client.clone(), &user.namespace().unwrap_or_default());
    let patch = json!({
        "apiVersion": "invokeai.dev/v1alpha1",
        "kind": "InvokeUser",
        "metadata": { "name": user.name_any() },
        "status": status,
    });
    api.patch_status(&user.name_any(), &PatchParams::apply(names::OPERATOR).force(), &Patch::Apply(&patch))
        .await?;
    Ok(())
}
