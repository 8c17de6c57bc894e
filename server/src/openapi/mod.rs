//! `/openapi.json`: the routes that exist and the nodes that really run.
//!
//! - [`describe`]: what a handler takes and gives, read from its types
pub mod describe;

use crate::access::{Access, Endpoint};
use axum::http::Method;
use describe::Operation;
use domain::node_schema::NodeSchema;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The document. Node schemas are in the form that the stock UI parses its templates from.
pub fn document(table: &[Endpoint], nodes: &[NodeSchema]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = SchemaGenerator::new(settings);
    let paths = paths(table, &mut generator);
    let mut schemas: Map<String, Value> = generator.take_definitions(true);
    schemas.insert("HTTPValidationError".into(), validation_error());
    schemas.extend(node_schemas(nodes));
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Invoke - Community Edition", "version": "1.0.0" },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "HTTPBearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "MediaCookie": { "type": "apiKey", "in": "cookie", "name": crate::session::identify::MEDIA_COOKIE },
            },
        },
    })
}

fn node_schemas(nodes: &[NodeSchema]) -> Map<String, Value> {
    let mut schemas = Map::new();
    let mut outputs = Map::new();
    let mut required = Vec::new();
    for node in nodes {
        schemas.insert(node.name.to_owned(), node.input.clone());
        schemas.insert(node.output_name.to_owned(), Value::clone(&node.output));
        for (name, schema) in &node.definitions {
            schemas.entry(name.clone()).or_insert_with(|| Value::clone(schema));
        }
        let reference = format!("#/components/schemas/{}", node.output_name);
        outputs.insert(node.node_type.to_owned(), json!({ "$ref": reference }));
        required.push(node.node_type);
    }
    let map = json!({ "type": "object", "properties": outputs, "required": required });
    schemas.insert("InvocationOutputMap".into(), map);
    schemas
}

fn validation_error() -> Value {
    let problem = json!({
        "type": "object",
        "properties": {
            "loc": { "type": "array", "items": { "anyOf": [{ "type": "string" }, { "type": "integer" }] } },
            "msg": { "type": "string" },
            "type": { "type": "string" },
            "input": {},
        },
        "required": ["loc", "msg", "type"],
    });
    json!({ "type": "object", "properties": { "detail": { "type": "array", "items": problem } } })
}

fn paths(table: &[Endpoint], generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut paths = Map::new();
    for endpoint in table.iter().filter(|endpoint| endpoint.path.starts_with("/api/")) {
        let path = endpoint.path.replace("{*", "{");
        let operation = (endpoint.describe)(generator);
        let described = described(&path, endpoint, &operation);
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[endpoint.method.as_str().to_ascii_lowercase()] = described;
    }
    paths
}

fn described(path: &str, endpoint: &Endpoint, operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let query = operation.query.as_ref().map(|schema| schema.as_value().clone()).unwrap_or_default();
    for (name, schema) in query["properties"].as_object().into_iter().flatten() {
        let required =
            query["required"].as_array().is_some_and(|names| names.iter().any(|other| other == name));
        parameters.push(json!({ "name": name, "in": "query", "required": required, "schema": schema }));
    }
    let mut answer = json!({ "description": "Success" });
    if let Some(schema) = &operation.answer {
        answer["content"] = json!({ "application/json": { "schema": schema } });
    }
    let mut responses = json!({ operation.status.to_string(): answer });
    let mut whole = json!({ "operationId": operation_id(&endpoint.method, path) });
    if !parameters.is_empty() || operation.body.is_some() {
        let schema = json!({ "$ref": "#/components/schemas/HTTPValidationError" });
        responses["422"] = json!({ "description": "Validation Error", "content": { "application/json": { "schema": schema } } });
    }
    if !parameters.is_empty() {
        whole["parameters"] = parameters.into();
    }
    if let Some((kind, schema)) = &operation.body {
        whole["requestBody"] = json!({ "required": true, "content": { *kind: { "schema": schema } } });
    }
    whole["responses"] = responses;
    match endpoint.access {
        Access::Public => {}
        Access::MediaCookieOrUser => whole["security"] = json!([{ "HTTPBearer": [] }, { "MediaCookie": [] }]),
        _ => whole["security"] = json!([{ "HTTPBearer": [] }]),
    }
    whole
}

/// A name that no other operation has.
fn operation_id(method: &Method, path: &str) -> String {
    let words: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{}_{}", words.trim_matches('_'), method.as_str().to_ascii_lowercase())
}
