//! What is to change of an account. Fields that are absent from the resource are left to people.
use crate::{
    resource::{InvokeUserSpec, user::UserStatus},
    studio_api::{Account, AccountChanges},
};

/// A password, and a digest of it by which a change is noticed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    /// The password itself.
    pub text: String,
    /// The digest.
    pub digest: String,
}

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// What has to change for the account to be as the resource says.
pub fn changes(
    spec: &InvokeUserSpec,
    status: &UserStatus,
    account: &Account,
    password: Option<&Password>,
) -> AccountChanges {
    let name = spec.display_name.as_ref().filter(|name| account.display_name.as_ref() != Some(name));
    AccountChanges {
        display_name: name.cloned(),
        is_admin: spec.admin.filter(|admin| *admin != account.is_admin),
        is_active: spec.active.filter(|active| *active != account.is_active),
        password: password
            .filter(|password| status.password_digest.as_ref() != Some(&password.digest))
            .map(|password| password.text.clone()),
    }
}

/// The fields that change, for people.
pub fn describe(changes: &AccountChanges) -> String {
    let mut fields = Vec::new();
    fields.extend(changes.display_name.is_some().then_some("displayName"));
    fields.extend(changes.is_admin.is_some().then_some("admin"));
    fields.extend(changes.is_active.is_some().then_some("active"));
    fields.extend(changes.password.is_some().then_some("password"));
    fields.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account { display_name: Some("Ada".into()), is_admin: true, is_active: true, ..Account::default() }
    }

    #[test]
    fn what_the_resource_does_not_say_is_left_to_people() {
        let changes = changes(&InvokeUserSpec::default(), &UserStatus::default(), &account(), None);
        assert_eq!(changes, AccountChanges::default());
        assert_eq!(describe(&changes), "");
    }

    #[test]
    fn what_the_resource_says_wins_and_only_differences_are_sent() {
        let spec = InvokeUserSpec { admin: Some(false), active: Some(true), ..InvokeUserSpec::default() };
        let changes = changes(&spec, &UserStatus::default(), &account(), None);
        assert_eq!(changes, AccountChanges { is_admin: Some(false), ..AccountChanges::default() });
        assert_eq!(describe(&changes), "admin");
    }

    #[test]
    fn a_password_is_sent_once() {
        let password = Password { text: "secret".into(), digest: "1".into() };
        let mut status = UserStatus::default();
        let first = changes(&InvokeUserSpec::default(), &status, &account(), Some(&password));
        assert_eq!(first.password.as_deref(), Some("secret"));
        status.password_digest = Some("1".into());
        assert_eq!(changes(&InvokeUserSpec::default(), &status, &account(), Some(&password)).password, None);
    }
}
