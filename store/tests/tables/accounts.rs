use super::{administrator, person};
use sqlx::PgPool;
use store::{
    Error,
    accounts::{self, AccountChanges, NewAccount},
    client_state, settings, standing,
};

fn new(email: &str, is_admin: bool) -> NewAccount<'_> {
    NewAccount { email, display_name: None, password_hash: "hash", is_admin }
}

const DEMOTION: AccountChanges<'_> =
    AccountChanges { display_name: None, password_hash: None, is_admin: Some(false), is_active: None };

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn addresses_are_one_whatever_their_case(pool: PgPool) {
    let account = accounts::create(&pool, &new("Anna@Example.org", false)).await.unwrap();
    let taken = accounts::create(&pool, &new("aNNA@eXAMPLE.ORG", false)).await;
    assert!(matches!(taken, Err(Error::Conflict(_))));
    let found = accounts::by_email(&pool, "anna@example.ORG").await.unwrap().unwrap();
    assert_eq!((found.user_id, found.email.as_str()), (account.user_id, "Anna@Example.org"));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn of_many_set_ups_at_once_one_makes_the_administrator(pool: PgPool) {
    let attempts: Vec<_> = (0..8)
        .map(|number| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let email = format!("{number}@example.org");
                accounts::create_first_administrator(&pool, &new(&email, true)).await.is_ok()
            })
        })
        .collect();
    let mut made = 0;
    for attempt in attempts {
        made += usize::from(attempt.await.unwrap());
    }
    assert_eq!((made, accounts::list(&pool).await.unwrap().len()), (1, 1));
    assert!(accounts::has_administrator(&pool).await.unwrap());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_last_administrator_stays(pool: PgPool) {
    let only = accounts::create(&pool, &new("a@example.org", true)).await.unwrap().user_id;
    let inactive = AccountChanges { is_active: Some(false), ..AccountChanges::default() };
    for refused in [
        accounts::update(&pool, &only, &DEMOTION).await.map(drop),
        accounts::update(&pool, &only, &inactive).await.map(drop),
        accounts::delete(&pool, &only).await,
    ] {
        assert!(matches!(refused, Err(Error::Conflict(_))));
    }
    let rename = AccountChanges { display_name: Some("Anna"), ..AccountChanges::default() };
    assert_eq!(accounts::update(&pool, &only, &rename).await.unwrap().display_name.as_deref(), Some("Anna"));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn two_administrators_cannot_remove_each_other_at_once(pool: PgPool) {
    for _ in 0..5 {
        let mut ids = Vec::new();
        for email in ["a@example.org", "b@example.org"] {
            ids.push(accounts::create(&pool, &new(email, true)).await.unwrap().user_id);
        }
        let removals: Vec<_> = ids
            .iter()
            .map(|id| {
                let (pool, id) = (pool.clone(), id.clone());
                tokio::spawn(async move { accounts::update(&pool, &id, &DEMOTION).await.is_ok() })
            })
            .collect();
        let mut removed = 0;
        for removal in removals {
            removed += usize::from(removal.await.unwrap());
        }
        assert_eq!(removed, 1);
        sqlx::query("delete from users where user_id <> 'system'").execute(&pool).await.unwrap();
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_new_password_or_a_lock_ends_the_sessions_and_other_changes_do_not(pool: PgPool) {
    accounts::create(&pool, &new("a@example.org", true)).await.unwrap();
    let id = accounts::create(&pool, &new("b@example.org", false)).await.unwrap().user_id;
    let changes = [
        (AccountChanges { display_name: Some("B"), ..AccountChanges::default() }, 0),
        (AccountChanges { password_hash: Some("other"), ..AccountChanges::default() }, 1),
        (AccountChanges { is_admin: Some(true), ..AccountChanges::default() }, 1),
        (AccountChanges { is_active: Some(false), ..AccountChanges::default() }, 2),
    ];
    for (change, epoch) in changes {
        assert_eq!(accounts::update(&pool, &id, &change).await.unwrap().token_epoch, epoch);
    }
    let standing = standing::of(&pool, std::slice::from_ref(&id)).await.unwrap().remove(0);
    assert_eq!((standing.is_active, standing.token_epoch), (false, 2));
    accounts::delete(&pool, &id).await.unwrap();
    assert!(standing::of(&pool, &[id]).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_internal_account_is_not_listed_and_administers_nothing(pool: PgPool) {
    assert!(accounts::list(&pool).await.unwrap().is_empty());
    assert!(!accounts::has_administrator(&pool).await.unwrap());
    assert!(accounts::by_id(&pool, "system").await.unwrap().is_some());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn what_the_page_remembers_is_each_accounts_own_and_goes_with_it(pool: PgPool) {
    let mut people = Vec::new();
    for email in ["a@example.org", "b@example.org"] {
        let account = accounts::create(&pool, &new(email, false)).await.unwrap();
        people.push(person(&account.user_id));
    }
    let [anna, bert] = people.as_slice() else { panic!("two were made") };
    for (user, value) in [(anna, "1"), (bert, "2"), (anna, "3")] {
        client_state::set(&pool, user, "ui:theme", value).await.unwrap();
    }
    assert_eq!(client_state::get(&pool, anna, "ui:theme").await.unwrap().as_deref(), Some("3"));
    assert_eq!(client_state::get(&pool, bert, "ui:theme").await.unwrap().as_deref(), Some("2"));
    assert_eq!(client_state::get(&pool, &administrator(), "ui:theme").await.unwrap(), None);
    assert_eq!(client_state::keys_with_prefix(&pool, anna, "ui:").await.unwrap(), ["ui:theme"]);
    assert!(client_state::keys_with_prefix(&pool, anna, "u_").await.unwrap().is_empty(), "no wildcards");
    client_state::delete_all(&pool, anna).await.unwrap();
    assert_eq!(client_state::get(&pool, bert, "ui:theme").await.unwrap().as_deref(), Some("2"));
    accounts::delete(&pool, &bert.user_id).await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from client_state").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_setting_is_made_once_though_many_ask_at_once(pool: PgPool) {
    let asked: Vec<_> = (0..8)
        .map(|number| {
            let pool = pool.clone();
            tokio::spawn(
                async move { settings::get_or_set(&pool, "key", &number.to_string()).await.unwrap() },
            )
        })
        .collect();
    let mut answers = Vec::new();
    for answer in asked {
        answers.push(answer.await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}
