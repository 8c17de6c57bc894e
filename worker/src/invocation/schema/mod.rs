//! Schemas of nodes in the form that the stock UI parses: JSON schema with attributes a field.
//!
//! - [`normal`]: from schemars' form to that of pydantic, which clients know
mod normal;
#[cfg(test)]
mod tests;

use super::{Invocation, InvocationOutput};
use domain::node_schema::{Definition, NodeSchema};
use normal::{normalized, with_null};
use schemars::{JsonSchema as _, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

static KEPT: LazyLock<Mutex<HashMap<&'static str, Arc<NodeSchema>>>> = LazyLock::new(Mutex::default);

type MakeSchema = fn(&mut SchemaGenerator) -> Schema;

/// What a node's type says of itself, as values: code that is compiled for each of the many nodes stays small so.
pub(super) struct Description {
    pub(super) node_type: &'static str,
    name: &'static str,
    pub(super) title: &'static str,
    version: &'static str,
    classification: &'static str,
    category: &'static str,
    use_cache: bool,
    input: MakeSchema,
    pub(super) output_type: &'static str,
    output_name: &'static str,
    output: MakeSchema,
}

impl Description {
    /// A node's.
    pub(super) fn of<T: Invocation>() -> Self {
        Self {
            node_type: T::TYPE,
            name: T::SCHEMA_NAME,
            title: T::TITLE,
            version: T::VERSION,
            classification: T::CLASSIFICATION,
            category: T::CATEGORY,
            use_cache: T::USE_CACHE,
            input: T::json_schema,
            output_type: <T::Output as InvocationOutput>::TYPE,
            output_name: T::Output::SCHEMA_NAME,
            output: T::Output::json_schema,
        }
    }

    /// The schema, made once.
    pub(super) fn kept(&self) -> Arc<NodeSchema> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(self.node_type).or_insert_with(|| Arc::new(self.schema())).clone()
    }

    /// The node's schema: its struct's with what clients expect around it.
    pub(super) fn schema(&self) -> NodeSchema {
        let (root, mut definitions) = generate(self.input);
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
        properties.extend(self.node_attributes());
        let mut input = json!({
            "class": "invocation",
            "type": "object",
            "title": self.title,
            "version": self.version,
            "classification": self.classification,
            "node_pack": "invokeai",
            "properties": properties,
            "required": required,
            "output": { "$ref": format!("#/components/schemas/{}", self.output_name) },
        });
        if !self.category.is_empty() {
            input["category"] = self.category.into();
        }
        for name in ["additionalProperties", "description"] {
            if let Some(value) = root.get(name) {
                input[name] = value.clone();
            }
        }
        let (output, more) = output(self.output_type, self.output);
        definitions.extend(more);
        NodeSchema {
            node_type: self.node_type,
            name: self.name,
            input,
            output_name: self.output_name,
            output: output.into(),
            definitions,
        }
    }

    /// The members that every node has.
    fn node_attributes(&self) -> Map<String, Value> {
        let attributes = json!({
            "id": { "type": "string", "field_kind": "node_attribute" },
            "is_intermediate": {
                "type": "boolean", "default": false, "field_kind": "node_attribute", "input": "direct", "orig_required": true,
                "ui_hidden": false, "ui_type": "IsIntermediate",
            },
            "use_cache": { "type": "boolean", "default": self.use_cache, "field_kind": "node_attribute" },
            "type": {
                "type": "string", "const": self.node_type, "default": self.node_type, "field_kind": "node_attribute",
            },
        });
        attributes.as_object().cloned().unwrap_or_default()
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

fn output(output_type: &str, schema: MakeSchema) -> (Value, Vec<Definition>) {
    let (root, definitions) = generate(schema);
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
        json!({ "type": "string", "const": output_type, "default": output_type, "field_kind": "node_attribute" }),
    );
    let mut output =
        json!({ "class": "output", "type": "object", "properties": properties, "required": required });
    if let Some(description) = root.get("description") {
        output["description"] = description.clone();
    }
    (output, definitions)
}

fn generate(schema: MakeSchema) -> (Map<String, Value>, Vec<Definition>) {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator: SchemaGenerator = settings.into_generator();
    let root = schema(&mut generator);
    let definitions = generator.take_definitions(true);
    let fields = root.to_value().as_object().cloned().unwrap_or_default();
    let definitions =
        definitions.into_iter().map(|(name, schema)| (name, Arc::new(Value::Object(normalized(&schema)))));
    (fields, definitions.collect())
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let entries = value.and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
}
