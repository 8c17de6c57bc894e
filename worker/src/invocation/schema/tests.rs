//! Every node's schema against the wire contract, without prose.
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const CONTRACT: &str = include_str!("../../../../tests/contract/openapi-6.14.2.json");

/// What differs knowingly: inputs that no node of ours has yet, and names of bases and types of models, which are open
/// here so that an unknown one is refused by the node and not before.
const KNOWN: [&str; 19] = [
    "DenoiseLatentsMetaInvocation: ip_adapter is missing",
    "DenoiseLatentsMetaInvocation: hidiffusion is missing",
    "DenoiseLatentsMetaInvocation: hidiffusion_raunet is missing",
    "DenoiseLatentsMetaInvocation: hidiffusion_window_attn is missing",
    "DenoiseLatentsMetaInvocation: hidiffusion_t1_ratio is missing",
    "DenoiseLatentsMetaInvocation: hidiffusion_t2_ratio is missing",
    "DenoiseLatentsInvocation: ip_adapter is missing",
    "DenoiseLatentsInvocation: hidiffusion is missing",
    "DenoiseLatentsInvocation: hidiffusion_raunet is missing",
    "DenoiseLatentsInvocation: hidiffusion_window_attn is missing",
    "DenoiseLatentsInvocation: hidiffusion_t1_ratio is missing",
    "DenoiseLatentsInvocation: hidiffusion_t2_ratio is missing",
    "ModelIdentifierField: base.$ref",
    "ModelIdentifierField: base.type",
    "ModelIdentifierField: submodel_type.anyOf",
    "ModelIdentifierField: type.$ref",
    "ModelIdentifierField: type.type",
    "UNetField: seamless_axes.default",
    "VAEField: seamless_axes.default",
];

fn number(value: &Value) -> Option<f64> {
    if value.is_number() { value.as_f64() } else { None }
}

fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => differences("", ours, theirs).is_empty(),
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().all(|one| theirs.iter().any(|other| same(one, other)))
        }
        _ => ours == theirs || number(ours).is_some_and(|ours| Some(ours) == number(theirs)),
    }
}

/// What differs, apart from titles of fields and descriptions, which the contract leaves out.
fn differences(place: &str, ours: &Map<String, Value>, theirs: &Map<String, Value>) -> Vec<String> {
    let is_field = place != "node" && place != "properties";
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let mut differences = Vec::new();
    for name in names {
        if name == "description"
            || (is_field && name == "title" && !place.is_empty())
            || (place.is_empty() && name == "title")
        {
            continue;
        }
        match (ours.get(name), theirs.get(name)) {
            (Some(ours), Some(theirs)) if same(ours, theirs) => {}
            // That a size is not negative upstream leaves to its code.
            (Some(_), None) if name == "minimum" => {}
            (ours, theirs) => {
                let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
                differences.push(format!("{place}.{name}: {} instead of {}", show(ours), show(theirs)));
            }
        }
    }
    differences
}

fn without(schema: &Value, name: &str) -> Map<String, Value> {
    let mut schema = schema.as_object().cloned().unwrap_or_default();
    schema.remove(name);
    schema
}

fn members(schema: &Value) -> Map<String, Value> {
    schema["properties"].as_object().cloned().unwrap_or_default()
}

/// Names that must be there, without the doubles and the member that no node of ours has.
fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    names.filter(|name| *name != "output_meta").map(str::to_owned).collect()
}

fn compare(what: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    let shell = |schema: &Value| {
        let mut shell = without(schema, "properties");
        shell.remove("required");
        shell
    };
    let mut all = differences("node", &shell(ours), &shell(theirs));
    if required(ours) != required(theirs) {
        all.push(format!("required: {:?} instead of {:?}", required(ours), required(theirs)));
    }
    let (ours, theirs) = (members(ours), members(theirs));
    for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        match (ours.get(name), theirs.get(name)) {
            (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
                all.extend(differences(name, ours, theirs))
            }
            (Some(_), None) => all.push(format!("{name} is none of its fields")),
            _ => all.push(format!("{name} is missing")),
        }
    }
    found.extend(all.into_iter().map(|difference| format!("{what}: {difference}")));
}

#[test]
fn every_node_is_described_as_in_the_contract() {
    let contract: Value = serde_json::from_str(CONTRACT).unwrap();
    let theirs = |name: &str| &contract["components"]["schemas"][name];
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for node in crate::nodes::schemas() {
        compare(node.name, &node.input, theirs(node.name), &mut found);
        if seen.insert(node.output_name.to_owned()) {
            compare(node.output_name, &node.output, theirs(node.output_name), &mut found);
        }
        for (name, schema) in &node.definitions {
            if seen.insert(name.clone()) && !theirs(name).is_null() {
                compare(name, schema, theirs(name), &mut found);
            }
        }
    }
    found.retain(|difference| !KNOWN.iter().any(|known| difference.starts_with(known)));
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}
