//! What a node type looks like to clients (`/openapi.json`) and to the validation of graphs.
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// The description of one node type, derived by the worker from the node's own struct.
#[derive(Debug, Clone)]
pub struct NodeSchema {
    /// The node's `type`, e.g. `denoise_latents`.
    pub node_type: &'static str,
    /// The schema's name in `components.schemas`, e.g. `DenoiseLatentsInvocation`.
    pub name: &'static str,
    /// The JSON schema of the inputs with `class`, `category`, `version`, … as clients expect them.
    pub input: Value,
    /// The output's schema name, e.g. `LatentsOutput`.
    pub output_name: &'static str,
    /// The JSON schema of the output.
    pub output: Arc<Value>,
    /// Other schemas that `input` and `output` refer to, by name.
    pub definitions: Vec<Definition>,
}

/// A schema by its name.
pub type Definition = (String, Arc<Value>);

/// Lets nodes share what they have alike. Most outputs and definitions are those of many nodes, and each is a tree of
/// many small allocations.
pub fn share(nodes: &mut [NodeSchema]) {
    let mut known: HashMap<String, Vec<Arc<Value>>> = HashMap::new();
    let mut shared = |name: &str, schema: &mut Arc<Value>| {
        let variants = known.entry(name.to_owned()).or_default();
        match variants.iter().find(|variant| *variant == schema) {
            Some(variant) => schema.clone_from(variant),
            None => variants.push(schema.clone()),
        }
    };
    for node in nodes {
        shared(node.output_name, &mut node.output);
        node.definitions.iter_mut().for_each(|(name, schema)| shared(name, schema));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_alike_is_one_and_the_rest_stays_apart() {
        let node = |output: Value, definition: Value| NodeSchema {
            node_type: "any",
            name: "AnyInvocation",
            input: json!({}),
            output_name: "AnyOutput",
            output: output.into(),
            definitions: vec![("Field".to_owned(), definition.into())],
        };
        let mut nodes = [node(json!(1), json!(2)), node(json!(1), json!(3)), node(json!(4), json!(2))];
        let before = nodes.clone();
        share(&mut nodes);
        for (before, after) in before.iter().zip(&nodes) {
            assert_eq!((&before.output, &before.definitions), (&after.output, &after.definitions));
        }
        let [first, second, third] = &nodes;
        assert!(Arc::ptr_eq(&first.output, &second.output));
        assert!(Arc::ptr_eq(&first.definitions[0].1, &third.definitions[0].1));
    }
}
