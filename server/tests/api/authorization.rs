//! Who gets what answer, for every route and every relation to what it touches. What the table does not
//! name fails, so a route cannot be added without saying who may use it.
use crate::{
    examples,
    world::{Role, SECRET, World},
};
use server::access::Endpoint;
use sqlx::PgPool;
use std::collections::BTreeMap;

/// `METHOD path` and the statuses for the roles in the order of [`World`].
const TABLE: &str = include_str!("authorization.txt");

fn table() -> BTreeMap<String, Vec<u16>> {
    let mut table = BTreeMap::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let route = format!("{} {}", words.next().unwrap(), words.next().unwrap());
        let statuses = words.map(|word| word.parse().unwrap()).collect();
        assert!(table.insert(route, statuses).is_none(), "{line} stands twice");
    }
    table
}

/// The path as the contract writes it.
fn name(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.path.replace("{*", "{"))
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn every_route_answers_every_role_as_the_table_says(pool: PgPool) {
    let world = World::build(pool).await;
    let mut expected = table();
    let mut problems = Vec::new();
    let mut actual = Vec::new();
    for endpoint in server::routes::endpoints().table() {
        let mut things = world.things().await;
        let before = world.belongings().await;
        let mut statuses = Vec::new();
        for (role, client) in &world.roles {
            if *role == Role::Admin {
                // The owner may have used them up.
                things = world.things().await;
            }
            let answer = examples::of(endpoint, &things).send(client).await;
            statuses.push(answer.status.as_u16());
            if matches!(role, Role::Owner | Role::Admin) {
                continue;
            }
            if String::from_utf8_lossy(&answer.body).contains(SECRET) && !echoes(endpoint) {
                problems.push(format!("{} shows {role:?} what is the owner's", name(endpoint)));
            }
            if world.belongings().await != before {
                problems.push(format!("{} lets {role:?} change what is the owner's", name(endpoint)));
            }
        }
        actual.push(format!(
            "{:<72} {}",
            name(endpoint),
            statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(" ")
        ));
        match expected.remove(&name(endpoint)) {
            None => problems.push(format!("{} is not in the table", name(endpoint))),
            Some(wanted) if wanted != statuses => {
                problems.push(format!("{} answers {statuses:?} and not {wanted:?}", name(endpoint)));
            }
            Some(_) => {}
        }
    }
    problems.extend(expected.keys().map(|route| format!("{route} is in the table but does not exist")));
    if let (false, Ok(file)) = (problems.is_empty(), std::env::var("ACTUAL_TABLE")) {
        std::fs::write(file, actual.join("\n") + "\n").unwrap();
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Routes whose answer repeats what the asker has just sent, in which the example has the word too.
fn echoes(endpoint: &Endpoint) -> bool {
    matches!(
        (endpoint.method.as_str(), endpoint.path.as_str()),
        ("GET", "/api/v1/queue/{queue_id}/counts_by_destination" | "/api/v1/workflows/counts_by_tag")
    )
}
