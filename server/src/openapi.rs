//! `/openapi.json`: the routes that exist and the nodes that really run.
use crate::access::Endpoint;
use axum::http::Method;
use domain::node_schema::NodeSchema;
use serde_json::{Map, Value, json};

/// The document. Node schemas are in the form that the stock UI parses its templates from.
pub fn document(table: &[Endpoint], nodes: &[NodeSchema]) -> Value {
    let mut schemas = Map::new();
    let mut outputs = Map::new();
    let mut required = Vec::new();
    for node in nodes {
        schemas.insert(node.name.to_owned(), node.input.clone());
        schemas.insert(node.output_name.to_owned(), node.output.clone());
        for (name, schema) in &node.definitions {
            schemas.entry(name.clone()).or_insert_with(|| schema.clone());
        }
        let reference = format!("#/components/schemas/{}", node.output_name);
        outputs.insert(node.node_type.to_owned(), json!({ "$ref": reference }));
        required.push(node.node_type);
    }
    schemas.insert(
        "InvocationOutputMap".into(),
        json!({ "type": "object", "properties": outputs, "required": required }),
    );
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Invoke - Community Edition", "version": "1.0.0" },
        "paths": paths(table),
        "components": { "schemas": schemas },
    })
}

fn paths(table: &[Endpoint]) -> Value {
    let mut paths = Map::new();
    for endpoint in table.iter().filter(|endpoint| endpoint.path.starts_with("/api/")) {
        let path = endpoint.path.replace("{*", "{");
        let parameters: Vec<Value> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[verb(&endpoint.method)] = json!({
            "parameters": parameters,
            "responses": { "200": { "description": "OK" } },
        });
    }
    Value::Object(paths)
}

fn verb(method: &Method) -> String {
    method.as_str().to_ascii_lowercase()
}
