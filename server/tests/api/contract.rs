//! Every operation against the recorded contract of InvokeAI 6.14.2.
use crate::{
    examples::{self, Content, Example},
    world::{Role, World},
};
use axum::http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};
use server::{access::Endpoint, routes};
use sqlx::PgPool;
use std::sync::LazyLock;

static CONTRACT: LazyLock<Value> = LazyLock::new(|| {
    let mut contract =
        serde_json::from_str(include_str!("../../../tests/contract/openapi-6.14.2.json")).unwrap();
    name_once(&mut contract);
    contract
});

/// Some lists of required fields name one twice, which validators count as two.
fn name_once(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Array(required)) = fields.get_mut("required") {
                let names: indexmap::IndexSet<Value> = required.drain(..).collect();
                required.extend(names);
            }
            fields.values_mut().for_each(name_once);
        }
        Value::Array(values) => values.iter_mut().for_each(name_once),
        _ => {}
    }
}

/// Upstream declares a record here and answers `null`.
const ANSWERS_NULL: &[&str] = &["/api/v1/workflows/i/{workflow_id}/thumbnail"];

/// The operations that answer 501, a line each.
const UNIMPLEMENTED: &str = include_str!("unimplemented.txt");

/// What is found only where there is something: these answer 404 in a world without it.
const NOT_FOUND: &[&str] = &["/api/v1/videos/i/", "/api/v1/videos/board", "/api/v1/utilities/fonts/"];

fn operation(endpoint: &Endpoint) -> Option<&'static Value> {
    let path = endpoint.path.replace("{*", "{");
    CONTRACT["paths"].get(path)?.get(endpoint.method.as_str().to_lowercase())
}

fn validator(schema: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = CONTRACT["components"].clone();
    jsonschema::validator_for(&schema).unwrap()
}

fn problems(schema: &Value, value: &Value) -> Vec<String> {
    if schema.as_object().is_none_or(|fields| fields.is_empty()) {
        return vec![];
    }
    validator(schema)
        .iter_errors(value)
        .map(|error| format!("{}: {error:.300}", error.instance_path()))
        .collect()
}

fn check_request(operation: &Value, example: &Example) -> Vec<String> {
    let mut found = Vec::new();
    let query = example.path.split_once('?').map_or("", |(_, query)| query);
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let given = query.split('&').any(|pair| pair.split('=').next() == Some(name));
        if parameter["in"] == "query" && parameter["required"] == true && !given {
            found.push(format!("the example lacks {name}"));
        }
    }
    let content = &operation["requestBody"]["content"];
    match &example.content {
        Content::Json(body) => found.extend(problems(&content["application/json"]["schema"], body)),
        Content::Form(_) if content.get("multipart/form-data").is_none() => {
            found.push("takes no form".into())
        }
        Content::Nothing if operation["requestBody"]["required"] == true => {
            found.push("the example has no body".into())
        }
        _ => {}
    }
    found
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn implemented_operations_answer_in_the_contracts_shape(pool: PgPool) {
    let world = World::build(pool).await;
    let mut found = Vec::new();
    for endpoint in routes::endpoints().table() {
        let Some(operation) = operation(endpoint) else { continue };
        let things = world.things().await;
        let example = examples::of(endpoint, &things);
        let mut wrong = check_request(operation, &example);
        let answer = example.send(world.client(Role::Admin)).await;
        let status = answer.status.as_u16();
        let absent = NOT_FOUND.iter().any(|path| endpoint.path.starts_with(path));
        let expected_refusal = absent && status == 404
            || endpoint.path == "/api/v1/auth/login" && status == 401
            || endpoint.path == "/api/v1/auth/setup" && status == 400;
        if !expected_refusal {
            let responses = &operation["responses"];
            let response = responses.get(status.to_string());
            if !answer.status.is_success() || (response.is_none() && status != 200) {
                wrong.push(format!("answers {status} {}", String::from_utf8_lossy(&answer.body)));
            } else if let Some(schema) =
                response.and_then(|response| response["content"]["application/json"].get("schema"))
            {
                let body = serde_json::from_slice(&answer.body).unwrap_or_else(|_| json!("<no JSON>"));
                if !(ANSWERS_NULL.contains(&endpoint.path.as_str()) && body.is_null()) {
                    wrong.extend(problems(schema, &body));
                }
            }
        }
        found.extend(
            wrong.into_iter().map(|problem| format!("{} {}: {problem}", endpoint.method, endpoint.path)),
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn requests_that_lack_what_the_contract_requires_are_refused(pool: PgPool) {
    let world = World::build(pool).await;
    let things = world.things().await;
    let mut found = Vec::new();
    for endpoint in routes::endpoints().table() {
        let Some(operation) = operation(endpoint) else { continue };
        let example = examples::of(endpoint, &things);
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let needs_query =
            parameters.clone().any(|parameter| parameter["in"] == "query" && parameter["required"] == true);
        let needs_body = operation["requestBody"]["content"]["application/json"].is_object()
            && operation["requestBody"]["required"] == true;
        let mut lacking = Vec::new();
        if needs_query {
            let path = example.path.split('?').next().unwrap().to_owned();
            lacking.push(Example { path, content: clone(&example.content), method: example.method.clone() });
        }
        if needs_body {
            let wrong = Content::Json(json!("no such thing"));
            let string_is_right =
                operation["requestBody"]["content"]["application/json"]["schema"]["type"] == "string";
            if !string_is_right {
                lacking.push(Example {
                    path: example.path.clone(),
                    content: wrong,
                    method: example.method.clone(),
                });
            }
            lacking.push(Example {
                path: example.path.clone(),
                content: Content::Nothing,
                method: example.method,
            });
        }
        for example in lacking {
            let answer = example.send(world.client(Role::Admin)).await;
            let shape =
                problems(&json!({ "$ref": "#/components/schemas/HTTPValidationError" }), &answer.json());
            if answer.status != 422 || !shape.is_empty() {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                found.push(format!("{} {} answers {} {text}", endpoint.method, example.path, answer.status));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn clone(content: &Content) -> Content {
    match content {
        Content::Nothing => Content::Nothing,
        Content::Json(body) => Content::Json(body.clone()),
        Content::Form(parts) => Content::Form(parts.clone()),
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_other_operations_answer_501_and_are_listed(pool: PgPool) {
    let missing = routes::unimplemented::missing(routes::endpoints().table());
    let listed: Vec<&str> = UNIMPLEMENTED.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(missing, listed, "unimplemented.txt must list them all and no others");
    let world = World::build(pool).await;
    for operation in &missing {
        let (method, path) = operation.split_once(' ').unwrap();
        let path = path.replace(['{', '}'], "");
        let answer =
            world.client(Role::Admin).send(Method::from_bytes(method.as_bytes()).unwrap(), &path, None).await;
        assert_eq!(answer.status, 501, "{operation}");
        assert!(answer.detail().is_string(), "{operation}");
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn what_the_contract_does_not_know_is_not_found_or_not_allowed(pool: PgPool) {
    let app = crate::app::TestApp::init(pool).await;
    let anyone = app.anonymous();
    let answer = anyone.get("/api/v1/no/such/thing").await;
    assert_eq!((answer.status.as_u16(), answer.detail()), (404, json!("Not Found")));
    let answer = anyone.put("/api/v1/app/version", json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.detail()), (405, json!("Method Not Allowed")));
}

#[test]
fn the_list_of_the_contracts_operations_is_complete() {
    let mut recorded: Vec<String> = CONTRACT["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |verb| format!("{} {path}", verb.to_uppercase()))
        })
        .collect();
    let mut listed: Vec<String> =
        routes::unimplemented::contract().map(|(verb, path)| format!("{verb} {path}")).collect();
    recorded.sort();
    listed.sort();
    assert_eq!(recorded, listed);
}
