//! From schemars' form of a schema to that of pydantic, which clients know.
use serde_json::{Map, Value, json};

/// Members that say something about the field, not about its values.
const ATTRIBUTES: [&str; 7] =
    ["default", "description", "title", "input", "field_kind", "orig_required", "orig_default"];

fn is_attribute(name: &str) -> bool {
    ATTRIBUTES.contains(&name) || name.starts_with("ui_")
}

/// The same schema as pydantic writes it: `anyOf` with null instead of two types, `enum` instead of `oneOf`, no formats.
pub(super) fn normalized(schema: &Value) -> Map<String, Value> {
    let mut schema = schema.as_object().cloned().unwrap_or_default();
    schema.remove("format");
    if schema.contains_key("exclusiveMinimum") {
        schema.remove("minimum");
    }
    for name in ["anyOf", "oneOf"] {
        if let Some(Value::Array(choices)) = schema.get_mut(name) {
            for choice in choices {
                *choice = Value::Object(normalized(choice));
            }
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        // A choice among choices is one among all of them.
        let nested = |choice: Value| match choice.get("anyOf") {
            Some(Value::Array(inner)) => inner.clone(),
            _ => vec![choice],
        };
        *choices = std::mem::take(choices).into_iter().flat_map(nested).collect();
    }
    if let Some(items) = schema.get_mut("items") {
        *items = Value::Object(normalized(items));
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for property in properties.values_mut() {
            *property = Value::Object(normalized(property));
        }
    }
    name_choices(&mut schema);
    let types = schema.get("type").and_then(Value::as_array).cloned();
    if let Some(types) = types.filter(|types| types.contains(&json!("null"))) {
        let kind = types.into_iter().find(|kind| kind != "null").unwrap_or_default();
        schema.insert("type".into(), kind);
        if let Some(Value::Array(choices)) = schema.get_mut("enum") {
            choices.retain(|choice| !choice.is_null());
        }
        schema = with_null(schema);
    }
    schema
}

/// Variants with a description each become one enumeration.
fn name_choices(schema: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = schema.get("oneOf") else { return };
    let names: Option<Vec<Value>> = choices
        .iter()
        .map(|choice| match choice.get("enum") {
            Some(Value::Array(names)) => Some(names.clone()),
            _ => choice.get("const").map(|name| vec![name.clone()]),
        })
        .collect::<Option<Vec<_>>>()
        .map(|names| names.concat());
    if let Some(names) = names {
        schema.remove("oneOf");
        schema.insert("type".into(), "string".into());
        schema.insert("enum".into(), names.into());
    }
}

/// The same schema for a value that may be null.
pub(super) fn with_null(schema: Map<String, Value>) -> Map<String, Value> {
    if takes_null(&schema) {
        return schema;
    }
    let (mut attributes, content): (Map<String, Value>, Map<String, Value>) =
        schema.into_iter().partition(|(name, _)| is_attribute(name));
    let mut choices = match content.get("anyOf") {
        Some(Value::Array(choices)) => choices.clone(),
        _ => vec![Value::Object(content)],
    };
    choices.push(json!({ "type": "null" }));
    attributes.insert("anyOf".into(), choices.into());
    attributes
}

/// Whether null is among the choices.
pub(super) fn takes_null(schema: &Map<String, Value>) -> bool {
    let choices = schema.get("anyOf").and_then(Value::as_array);
    choices.is_some_and(|choices| choices.contains(&json!({ "type": "null" })))
}

/// Whether the value is one of a named schema; pydantic leaves such fields without a title.
pub(super) fn is_reference(schema: &Map<String, Value>) -> bool {
    let first = schema.get("anyOf").and_then(|choices| choices.get(0));
    schema.contains_key("$ref") || first.is_some_and(|first| first.get("$ref").is_some())
}
