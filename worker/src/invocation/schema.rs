//! Schemas of nodes in the form that the stock UI parses: JSON schema with attributes a field.
use super::{Invocation, InvocationOutput};
use domain::node_schema::NodeSchema;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

fn generate<T: JsonSchema>() -> (Map<String, Value>, Vec<(String, Value)>) {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator: SchemaGenerator = settings.into_generator();
    let root = T::json_schema(&mut generator);
    let definitions = generator.take_definitions(true);
    let fields = root.to_value().as_object().cloned().unwrap_or_default();
    (fields, definitions.into_iter().collect())
}

/// The description of a node: its struct's schema with what clients expect around it.
pub(super) fn of<T: Invocation>() -> NodeSchema {
    let (root, mut definitions) = generate::<T>();
    let mandatory: Vec<String> = strings(root.get("required"));
    let mut properties = Map::new();
    for (name, mut field) in root.get("properties").and_then(Value::as_object).cloned().unwrap_or_default() {
        if let Value::Object(field) = &mut field {
            let required = field.remove("orig_required").map_or_else(
                || mandatory.contains(&name),
                |required| required == Value::Bool(true),
            );
            field.entry("field_kind").or_insert_with(|| "input".into());
            field.entry("input").or_insert_with(|| "any".into());
            field.insert("orig_required".into(), required.into());
            if !required {
                let default = field.get("default").cloned().unwrap_or(Value::Null);
                field.insert("default".into(), default.clone());
                field.insert("orig_default".into(), default);
            } else if field.get("input") != Some(&Value::from("direct")) {
                // The value may come through an edge instead.
                field.entry("default").or_insert(Value::Null);
            }
        }
        properties.insert(name, field);
    }
    properties.insert("id".into(), json!({ "type": "string", "field_kind": "node_attribute" }));
    properties.insert(
        "is_intermediate".into(),
        json!({ "type": "boolean", "default": false, "field_kind": "node_attribute", "input": "direct",
                "orig_required": true, "ui_hidden": false, "ui_type": "IsIntermediate" }),
    );
    properties.insert(
        "use_cache".into(),
        json!({ "type": "boolean", "default": T::USE_CACHE, "field_kind": "node_attribute" }),
    );
    properties.insert(
        "type".into(),
        json!({ "type": "string", "const": T::TYPE, "default": T::TYPE, "field_kind": "node_attribute" }),
    );
    let input = json!({
        "class": "invocation",
        "type": "object",
        "title": T::TITLE,
        "category": T::CATEGORY,
        "version": T::VERSION,
        "classification": "stable",
        "node_pack": "invokeai",
        "properties": properties,
        "required": ["type", "id"],
        "output": { "$ref": format!("#/components/schemas/{}", T::Output::SCHEMA_NAME) },
    });
    let (output, more) = output::<T::Output>();
    definitions.extend(more);
    NodeSchema { node_type: T::TYPE, name: T::SCHEMA_NAME, input, output_name: T::Output::SCHEMA_NAME, output, definitions }
}

fn output<T: InvocationOutput>() -> (Value, Vec<(String, Value)>) {
    let (root, definitions) = generate::<T>();
    let mut properties = root.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut required = strings(root.get("required"));
    for field in properties.values_mut() {
        if let Value::Bool(true) = field {
            *field = json!({});
        }
        if let Value::Object(field) = field {
            field.insert("field_kind".into(), "output".into());
            field.entry("ui_hidden").or_insert(false.into());
        }
    }
    properties.insert(
        "type".into(),
        json!({ "type": "string", "const": T::TYPE, "default": T::TYPE, "field_kind": "node_attribute" }),
    );
    required.push("type".into());
    let output = json!({ "class": "output", "type": "object", "properties": properties, "required": required });
    (output, definitions)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let entries = value.and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
}
