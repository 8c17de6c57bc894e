//! The values of inputs as the node's struct takes them.
use domain::graph::values;
use serde_json::{Map, Value};

use super::{InvocationError, schema::Description};

/// Checks the inputs against the node's schema and converts what can be converted, e.g. `3.0` to an integer.
pub(super) fn fitted(node: &Description, inputs: Value, node_id: &str) -> Result<Value, InvocationError> {
    let schema = node.kept();
    let Value::Object(mut inputs) = inputs else { return Ok(inputs) };
    let none = Map::new();
    for (name, field) in schema.input["properties"].as_object().unwrap_or(&none) {
        if field["field_kind"] == "node_attribute" {
            continue;
        }
        let given = inputs.remove(name).filter(|value| !value.is_null());
        match given {
            Some(value) => {
                let value = values::fit(value, field, &schema.definitions).map_err(|error| {
                    let place = [vec![name.clone()], error.place.clone()].concat().join(".");
                    InvocationError::InvalidInput(format!(
                        "Node {node_id} has invalid incoming input for {place}: {error}"
                    ))
                })?;
                inputs.insert(name.clone(), value);
            }
            None if field["orig_required"] == true => return Err(missing(node.node_type, name, field)),
            None => {}
        }
    }
    Ok(Value::Object(inputs))
}

fn missing(node: &'static str, field: &str, schema: &Value) -> InvocationError {
    let field = field.to_owned();
    if schema["input"] == "connection" {
        InvocationError::MissingConnection { node, field }
    } else {
        InvocationError::MissingInput { node, field }
    }
}
