//! Schemas of nodes in the form that the stock UI parses: JSON schema with attributes a field.
//!
//! - [`normal`]: from schemars' form to that of pydantic, which clients know
mod normal;
#[cfg(test)]
mod tests;

use super::{Invocation, InvocationOutput};
use domain::node_schema::NodeSchema;
use normal::{normalized, with_null};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

static KEPT: LazyLock<Mutex<HashMap<&'static str, Arc<NodeSchema>>>> = LazyLock::new(Mutex::default);

/// The description of a node, made once.
pub(super) fn kept<T: Invocation>() -> Arc<NodeSchema> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry(T::TYPE).or_insert_with(|| Arc::new(of::<T>())).clone()
}

/// The description of a node: its struct's schema with what clients expect around it.
pub(super) fn of<T: Invocation>() -> NodeSchema {
    let (root, mut definitions) = generate::<T>();
    let mandatory = strings(root.get("required"));
    let mut required: Vec<&str> = Vec::new();
    let mut properties = Map::new();
    for (name, field) in root.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let is_mandatory = mandatory.contains(name);
        let field = input_field(name, field, is_mandatory);
        if field.get("orig_required") == Some(&Value::Bool(true)) && !field.contains_key("default") {
            required.push(name);
        }
        properties.insert(name.clone(), Value::Object(field));
    }
    required.extend(["type", "id"]);
    properties.extend(node_attributes::<T>());
    let mut input = json!({
        "class": "invocation",
        "type": "object",
        "title": T::TITLE,
        "version": T::VERSION,
        "classification": T::CLASSIFICATION,
        "node_pack": "invokeai",
        "properties": properties,
        "required": required,
        "output": { "$ref": format!("#/components/schemas/{}", T::Output::SCHEMA_NAME) },
    });
    if !T::CATEGORY.is_empty() {
        input["category"] = T::CATEGORY.into();
    }
    for name in ["additionalProperties", "description"] {
        if let Some(value) = root.get(name) {
            input[name] = value.clone();
        }
    }
    let (output, more) = output::<T::Output>();
    definitions.extend(more);
    NodeSchema {
        node_type: T::TYPE,
        name: T::SCHEMA_NAME,
        input,
        output_name: T::Output::SCHEMA_NAME,
        output,
        definitions,
    }
}

/// One input with its attributes. A value that may come through an edge may be left out by the client.
fn input_field(name: &str, field: &Value, is_mandatory: bool) -> Map<String, Value> {
    let mut field = normalized(field);
    let is_required =
        field.remove("orig_required").map_or(is_mandatory, |required| required == Value::Bool(true));
    field.entry("field_kind").or_insert_with(|| "input".into());
    field.entry("input").or_insert_with(|| "any".into());
    field.insert("orig_required".into(), is_required.into());
    if is_required {
        if field.get("input") != Some(&Value::from("direct")) {
            field = with_null(field);
            field.insert("default".into(), Value::Null);
        }
    } else {
        let default = field.get("default").cloned().unwrap_or(Value::Null);
        field.insert("default".into(), default.clone());
        if field.get("field_kind") != Some(&Value::from("internal")) {
            field.insert("orig_default".into(), default.clone());
        }
        if default.is_null() {
            field = with_null(field);
        }
    }
    if !normal::is_reference(&field) {
        field.entry("title").or_insert_with(|| title(name).into());
    }
    field
}

/// `image_width` becomes `Image Width`.
fn title(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The members that every node has.
fn node_attributes<T: Invocation>() -> Map<String, Value> {
    let attributes = json!({
        "id": { "type": "string", "field_kind": "node_attribute" },
        "is_intermediate": {
            "type": "boolean", "default": false, "field_kind": "node_attribute", "input": "direct", "orig_required": true,
            "ui_hidden": false, "ui_type": "IsIntermediate",
        },
        "use_cache": { "type": "boolean", "default": T::USE_CACHE, "field_kind": "node_attribute" },
        "type": { "type": "string", "const": T::TYPE, "default": T::TYPE, "field_kind": "node_attribute" },
    });
    attributes.as_object().cloned().unwrap_or_default()
}

fn output<T: InvocationOutput>() -> (Value, Vec<(String, Value)>) {
    let (root, definitions) = generate::<T>();
    let mut properties = Map::new();
    for (name, field) in root.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let mut field = normalized(field);
        // Sizes are unsigned here, which clients need not know.
        field.remove("minimum");
        if field.get("default") == Some(&Value::Null) {
            field = with_null(field);
        }
        let always_given = field.remove("always_given").is_some();
        if !always_given && normal::takes_null(&field) {
            field.entry("default").or_insert(Value::Null);
        }
        field.insert("field_kind".into(), "output".into());
        field.entry("ui_hidden").or_insert(false.into());
        if !normal::is_reference(&field) {
            field.entry("title").or_insert_with(|| title(name).into());
        }
        properties.insert(name.clone(), Value::Object(field));
    }
    let required: Vec<String> = properties.keys().cloned().chain(["type".to_owned()]).collect();
    properties.insert(
        "type".into(),
        json!({ "type": "string", "const": T::TYPE, "default": T::TYPE, "field_kind": "node_attribute" }),
    );
    let mut output =
        json!({ "class": "output", "type": "object", "properties": properties, "required": required });
    if let Some(description) = root.get("description") {
        output["description"] = description.clone();
    }
    (output, definitions)
}

fn generate<T: JsonSchema>() -> (Map<String, Value>, Vec<(String, Value)>) {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator: SchemaGenerator = settings.into_generator();
    let root = T::json_schema(&mut generator);
    let definitions = generator.take_definitions(true);
    let fields = root.to_value().as_object().cloned().unwrap_or_default();
    let definitions =
        definitions.into_iter().map(|(name, schema)| (name, Value::Object(normalized(&schema))));
    (fields, definitions.collect())
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let entries = value.and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
}
