//! The nodes' schemas against upstream's wire contract: what the stock UI reads must be the same.
use serde_json::{Map, Value};

use super::schemas;

/// What the UI reads of an input, beside its type.
const ATTRIBUTES: &[&str] = &[
    "default",
    "orig_default",
    "orig_required",
    "input",
    "field_kind",
    "ui_hidden",
    "ui_type",
    "ui_model_base",
    "ui_model_type",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "enum",
];

fn contract() -> Map<String, Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/contract/openapi-6.14.2.json");
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    match document["components"]["schemas"].take() {
        Value::Object(schemas) => schemas,
        _ => panic!("the contract has no schemas"),
    }
}

/// 1 and 1.0 are the same number to a client.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

/// Type names and references anywhere in a field's schema, sorted.
fn types(field: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = vec![field];
    while let Some(value) = rest.pop() {
        let Value::Object(value) = value else { continue };
        for (key, value) in value {
            match (key.as_str(), value) {
                ("$ref", Value::String(name)) => found.push(name.clone()),
                ("type", Value::String(name)) => found.push(name.clone()),
                ("type", Value::Array(names)) => {
                    found.extend(names.iter().filter_map(Value::as_str).map(str::to_owned))
                }
                ("anyOf" | "oneOf", Value::Array(parts)) => rest.extend(parts),
                ("items", part) => rest.push(part),
                ("allOf", Value::Array(parts)) => rest.extend(parts),
                _ => {}
            }
        }
    }
    found.retain(|name| name != "null");
    found.sort();
    found.dedup();
    found
}

/// An attribute of a field; the values of a choice may be one level down, beside null.
fn attribute<'a>(field: &'a Value, key: &str) -> &'a Value {
    let nested = field["anyOf"]
        .as_array()
        .filter(|_| key == "enum")
        .into_iter()
        .flatten()
        .find_map(|part| part.get(key));
    field.get(key).or(nested).unwrap_or(&Value::Null)
}

/// What differs between our node and upstream's.
fn differences(ours: &Value, theirs: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for key in ["class", "title", "version", "category", "output", "node_pack"] {
        if theirs.get(key).is_some() && ours[key] != theirs[key] {
            found.push(format!("{key}: {} for {}", ours[key], theirs[key]));
        }
    }
    let properties = |schema: &Value| schema["properties"].as_object().cloned().unwrap_or_default();
    let (ours, theirs) = (properties(ours), properties(theirs));
    found.extend(
        ours.keys().filter(|name| !theirs.contains_key(*name)).map(|name| format!("{name}: not upstream's")),
    );
    for (name, theirs) in theirs {
        let Some(ours) = ours.get(&name) else {
            found.push(format!("{name}: missing"));
            continue;
        };
        for key in ATTRIBUTES {
            let (one, other) = (attribute(ours, key), attribute(&theirs, key));
            // Bounds that upstream leaves to its code may be in ours: they only tell clients more.
            let is_bound = key.contains("imum") || *key == "multipleOf";
            let is_extra = is_bound && other.is_null();
            if !same(one, other) && !is_extra {
                found.push(format!("{name}.{key}: {one} for {other}"));
            }
        }
        if types(ours) != types(&theirs) {
            found.push(format!("{name}: {:?} for {:?}", types(ours), types(&theirs)));
        }
    }
    found
}

/// Inputs of upstream's that do nothing here yet; they are refused when used.
const ABSENT: &[(&str, &str)] = &[
    ("denoise_latents_meta", "ip_adapter"),
    ("denoise_latents_meta", "hidiffusion"),
    ("denoise_latents_meta", "hidiffusion_raunet"),
    ("denoise_latents_meta", "hidiffusion_window_attn"),
    ("denoise_latents_meta", "hidiffusion_t1_ratio"),
    ("denoise_latents_meta", "hidiffusion_t2_ratio"),
    ("denoise_latents", "ip_adapter"),
    ("denoise_latents", "hidiffusion"),
    ("denoise_latents", "hidiffusion_raunet"),
    ("denoise_latents", "hidiffusion_window_attn"),
    ("denoise_latents", "hidiffusion_t1_ratio"),
    ("denoise_latents", "hidiffusion_t2_ratio"),
];

#[test]
fn inputs_are_those_of_the_contract() {
    let contract = contract();
    let mut wrong = Vec::new();
    for schema in schemas() {
        let Some(theirs) = contract.get(schema.name) else {
            wrong.push(format!("{}: the contract has no {}", schema.node_type, schema.name));
            continue;
        };
        let is_known = |difference: &String| {
            ABSENT
                .iter()
                .any(|(node, field)| *node == schema.node_type && difference == &format!("{field}: missing"))
        };
        let found = differences(&schema.input, theirs).into_iter().filter(|difference| !is_known(difference));
        wrong.extend(found.map(|difference| format!("{}.{difference}", schema.node_type)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn outputs_are_those_of_the_contract() {
    let contract = contract();
    let mut wrong = Vec::new();
    for schema in schemas() {
        let fields = |schema: &Value| -> Vec<(String, Vec<String>)> {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            let mut fields: Vec<_> =
                properties.iter().map(|(name, field)| (name.clone(), types(field))).collect();
            fields.retain(|(name, _)| name != "output_meta");
            fields.sort();
            fields
        };
        let theirs = contract.get(schema.output_name).map(fields).unwrap_or_default();
        if fields(&schema.output) != theirs {
            wrong.push(format!("{}: {:?} for {theirs:?}", schema.output_name, fields(&schema.output)));
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
