//! Documentation of every field, written from the types.
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::Value;
use std::fmt::Write;

const GENERATED: &str = "generated from operator/src/resource by `make crds`; do not edit";

/// What can go wrong in writing.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// The definition is not what was expected.
    #[error("a definition has no schema")]
    NoSchema,
    /// YAML.
    #[error(transparent)]
    Yaml(#[from] serde_yaml_ng::Error),
    /// JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Text.
    #[error(transparent)]
    Format(#[from] std::fmt::Error),
}

/// Every generated file of the repository: its path and what is in it.
///
/// # Errors
/// When a definition is not what was expected.
pub fn generated() -> Result<Vec<(String, String)>, ReferenceError> {
    let definitions = super::definitions();
    let mut files = vec![("docs/operator/reference.md".to_owned(), markdown(&definitions)?)];
    for definition in &definitions {
        let (name, text) = (format!("{}.yaml", definition.spec.names.plural), yaml(definition)?);
        // The chart has its own copy, because Helm reads nothing outside of a chart.
        files.push((format!("charts/invoke-operator/definitions/{name}"), text.clone()));
        files.push((format!("crds/{name}"), text));
    }
    Ok(files)
}

/// The definition as a file of `crds/`.
pub fn yaml(definition: &CustomResourceDefinition) -> Result<String, ReferenceError> {
    Ok(format!("# {GENERATED}\n{}", serde_yaml_ng::to_string(definition)?))
}

/// A document with every field of every definition.
pub fn markdown(definitions: &[CustomResourceDefinition]) -> Result<String, ReferenceError> {
    let mut text = format!("<!-- {GENERATED} -->\n# Reference of the resources\n");
    for definition in definitions {
        let version = definition.spec.versions.first().ok_or(ReferenceError::NoSchema)?;
        let schema = version.schema.as_ref().and_then(|schema| schema.open_api_v3_schema.as_ref());
        let schema = serde_json::to_value(schema.ok_or(ReferenceError::NoSchema)?)?;
        let kind = &definition.spec.names.kind;
        write!(text, "\n## {kind} ({}/{})\n\n", definition.spec.group, version.name)?;
        writeln!(text, "{}\n", describe(&schema))?;
        writeln!(text, "| field | type | meaning |\n|---|---|---|")?;
        for part in ["spec", "status"] {
            fields(&mut text, part, &schema["properties"][part])?;
        }
    }
    Ok(text)
}

fn fields(text: &mut String, path: &str, schema: &Value) -> Result<(), ReferenceError> {
    let Some(properties) = schema["properties"].as_object() else { return Ok(()) };
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name));
    for (name, property) in properties {
        let path = format!("{path}.{name}");
        let mark = if required(name) { " (required)" } else { "" };
        writeln!(text, "| `{path}`{mark} | {} | {} |", type_of(property), describe(property))?;
        if is_kubernetes_own(property) {
            continue;
        }
        match property["type"].as_str() {
            Some("array") => fields(text, &format!("{path}[]"), &property["items"])?,
            _ => fields(text, &path, property)?,
        }
    }
    Ok(())
}

/// Types of Kubernetes are documented there.
fn is_kubernetes_own(schema: &Value) -> bool {
    let description = schema["description"].as_str().unwrap_or_default();
    let known = ["claims", "limits", "requests", "matchExpressions", "tolerationSeconds"];
    let shape = if schema["type"] == "array" { &schema["items"] } else { schema };
    let properties = shape["properties"].as_object();
    properties.is_some_and(|fields| known.iter().any(|name| fields.contains_key(*name)))
        || description.contains("`Available`")
        || description.contains("`Ready`.")
}

fn type_of(schema: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        let names: Vec<String> =
            values.iter().filter_map(Value::as_str).map(|name| format!("`{name}`")).collect();
        return names.join(", ");
    }
    match schema["type"].as_str() {
        Some("array") => format!("list of {}", type_of(&schema["items"])),
        Some(name) => name.to_owned(),
        None => "any".to_owned(),
    }
}

fn describe(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
