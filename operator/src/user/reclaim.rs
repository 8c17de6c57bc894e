//! What becomes of an account when its resource is deleted.
use crate::{
    error::{Error, Result},
    resource::{InvokeUser, condition::Finding, user::ReclaimPolicy},
    studio_api::{Account, AccountChanges, Studio, StudioError},
};

/// Does what the policy says; a finding says why it cannot be done yet.
///
/// # Errors
/// When the studio cannot be reached.
pub async fn reclaim(
    user: &InvokeUser,
    studio: &Studio,
    accounts: &[Account],
) -> Result<std::result::Result<(), Finding>> {
    let Some(account) = find(accounts, user) else { return Ok(Ok(())) };
    let done = match user.spec.reclaim_policy() {
        ReclaimPolicy::Retain => Ok(()),
        ReclaimPolicy::Deactivate if !account.is_active => Ok(()),
        ReclaimPolicy::Deactivate => {
            let changes = AccountChanges { is_active: Some(false), ..AccountChanges::default() };
            studio.update(&account.user_id, &changes).await.map(|_| ())
        }
        ReclaimPolicy::Delete => {
            if let Some(email) = &user.spec.reassign_to {
                let Some(heir) = accounts.iter().find(|account| account.email.eq_ignore_ascii_case(email))
                else {
                    let message =
                        format!("{email}, who is to get the images, has no account; change reassignTo");
                    return Ok(Err(Finding::no("Ready", "HeirMissing", message)));
                };
                if let Err(error) = studio.reassign(&account.user_id, &heir.user_id).await {
                    return refusal(error).map(Err);
                }
            }
            studio.delete(&account.user_id).await
        }
    };
    match done {
        Ok(()) => Ok(Ok(())),
        Err(error) => refusal(error).map(Err),
    }
}

/// A refusal of the studio as a finding; that it cannot be reached stays an error.
///
/// # Errors
/// When the studio cannot be reached.
pub fn refusal(error: StudioError) -> Result<Finding> {
    match error {
        StudioError::Refused { detail, .. } if detail.contains("last administrator") => Ok(Finding::no(
            "Ready",
            "LastAdministrator",
            format!("the studio refused: {detail}. Make another account an administrator first"),
        )),
        StudioError::Refused { status, detail } if status < 500 && status != 401 && status != 429 => {
            Ok(Finding::no("Ready", "Refused", format!("the studio refused: {detail}")))
        }
        other => Err(Error::Studio(other)),
    }
}

/// The account of a resource: by its id, or by its address.
pub fn find<'a>(accounts: &'a [Account], user: &InvokeUser) -> Option<&'a Account> {
    let id = user.status.as_ref().and_then(|status| status.user_id.as_ref());
    let by_id = accounts.iter().find(|account| Some(&account.user_id) == id);
    by_id.or_else(|| accounts.iter().find(|account| account.email.eq_ignore_ascii_case(&user.spec.email)))
}
