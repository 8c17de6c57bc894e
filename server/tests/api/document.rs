//! `/openapi.json`, which the stock UI and generated clients read.
use crate::app::{TestApp, integer_node};
use serde_json::Value;
use sqlx::PgPool;
use std::collections::HashSet;

fn references<'a>(value: &'a Value, found: &mut HashSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_document_holds_every_route_and_all_that_it_refers_to(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let document = app.anonymous().get("/openapi.json").await.json();
    for endpoint in
        server::routes::endpoints().table().iter().filter(|endpoint| endpoint.path.starts_with("/api/"))
    {
        let path = endpoint.path.replace("{*", "{");
        let operation = &document["paths"][&path][endpoint.method.as_str().to_lowercase()];
        assert!(operation["responses"].is_object(), "{} {path}", endpoint.method);
    }
    let mut found = HashSet::new();
    references(&document, &mut found);
    for reference in found {
        let name = reference.strip_prefix("#/components/schemas/").unwrap_or_else(|| panic!("{reference}"));
        assert!(document["components"]["schemas"].get(name).is_some(), "{reference}");
    }
    let login = &document["paths"]["/api/v1/auth/login"]["post"];
    assert!(login["security"].is_null());
    let board =
        &document["paths"]["/api/v1/boards/"]["post"]["responses"]["201"]["content"]["application/json"];
    assert_eq!(board["schema"]["$ref"], "#/components/schemas/BoardDTO");
    assert_eq!(document["components"]["schemas"]["BoardDTO"]["properties"]["board_id"]["type"], "string");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_document_has_the_templates_of_the_nodes(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let document = app.anonymous().get("/openapi.json").await.json();
    let schemas = &document["components"]["schemas"];
    let node = integer_node();
    assert_eq!(schemas[node.name], node.input);
    assert_eq!(schemas[node.output_name]["class"], "output");
    let output = &schemas["InvocationOutputMap"]["properties"][node.node_type];
    assert_eq!(output["$ref"], "#/components/schemas/IntegerOutput");
    assert_eq!(schemas["InvocationOutputMap"]["required"], serde_json::json!(["integer"]));
}
