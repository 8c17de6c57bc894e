//! Whether the edges of a graph connect what fits together: types, and the special rules of iterators and collectors.
use super::types::FieldType;
use super::{COLLECT, COLLECTION, Edge, Graph, ITEM, ITERATE, Port};
use crate::node_schema::NodeSchema;
use std::collections::{HashMap, HashSet};

/// Checks edges whose nodes and fields exist, in a graph without cycles.
///
/// # Errors
/// What is wrong, in upstream's words.
pub fn check(graph: &Graph, schemas: &HashMap<&str, &NodeSchema>) -> Result<(), String> {
    let connections = Connections { graph, schemas };
    for edge in &graph.edges {
        if !connections.output_type(&edge.source).may_feed(&connections.input_type(&edge.destination)) {
            return Err(format!("Edge source and target types do not match ({edge})"));
        }
    }
    for node_id in graph.nodes.keys() {
        let (kind, checked) = match graph.node_type(node_id) {
            ITERATE => ("iterator", connections.check_iterator(node_id)),
            COLLECT => ("collector", connections.check_collector(node_id)),
            _ => continue,
        };
        checked.map_err(|reason| format!("Invalid {kind} node ({node_id}): {reason}"))?;
    }
    Ok(())
}

struct Connections<'a> {
    graph: &'a Graph,
    schemas: &'a HashMap<&'a str, &'a NodeSchema>,
}

impl Connections<'_> {
    fn schema(&self, port: &Port) -> Option<&NodeSchema> {
        self.schemas.get(self.graph.node_type(&port.node_id)).copied()
    }

    fn output_type(&self, port: &Port) -> FieldType {
        self.schema(port)
            .map_or(FieldType::Any, |schema| FieldType::of(&schema.output["properties"][&port.field]))
    }

    fn input_type(&self, port: &Port) -> FieldType {
        self.schema(port)
            .map_or(FieldType::Any, |schema| FieldType::of(&schema.input["properties"][&port.field]))
    }

    fn into<'b>(&'b self, node_id: &'b str, field: &'b str) -> Vec<&'b Port> {
        self.graph
            .inputs(node_id)
            .filter(|edge| edge.destination.field == field)
            .map(|edge: &Edge| &edge.source)
            .collect()
    }

    fn out_of<'b>(&'b self, node_id: &'b str, field: &'b str) -> Vec<&'b Port> {
        self.graph
            .outputs(node_id)
            .filter(|edge| edge.source.field == field)
            .map(|edge: &Edge| &edge.destination)
            .collect()
    }

    fn check_iterator(&self, node_id: &str) -> Result<(), &'static str> {
        let inputs = self.into(node_id, COLLECTION);
        let input = match inputs.as_slice() {
            [] => return Err("Iterator must have a collection input edge"),
            [input] => *input,
            _ => return Err("Iterator may only have one input edge"),
        };
        let list = self.output_type(input);
        let item = list.item().ok_or("Iterator input must be a collection")?;
        let outputs: Vec<FieldType> =
            self.out_of(node_id, ITEM).into_iter().map(|port| self.input_type(port)).collect();
        if !outputs.iter().all(|output| item.may_feed(output)) {
            return Err("Iterator outputs must connect to an input with a matching type");
        }
        if self.graph.node_type(&input.node_id) == COLLECT {
            let collected = self.collected_type(&input.node_id);
            let collected = collected
                .ok_or("Iterator input collector must have at least one item or collection input edge")?;
            if !outputs.iter().all(|output| collected.may_feed(output)) {
                return Err("Iterator collection type must match all iterator output types");
            }
        }
        Ok(())
    }

    fn check_collector(&self, node_id: &str) -> Result<(), &'static str> {
        const MISMATCH: &str = "Collector outputs must connect to a collection input with a matching type";
        let lists = self.into(node_id, COLLECTION);
        if lists.is_empty() && self.into(node_id, ITEM).is_empty() {
            return Err("Collector must have at least one item or collection input edge");
        }
        let is_list = |kind: &FieldType| kind.may_be_list() || kind.is_any();
        if !lists.into_iter().all(|port| is_list(&self.output_type(port))) {
            return Err("Collector collection input must be a collection");
        }
        let roots = roots(self.item_types(node_id, &mut HashSet::new()));
        if roots.len() > 1 {
            return Err("Collector input collection items must be of a single type");
        }
        let outputs = self.out_of(node_id, COLLECTION);
        let types: Vec<FieldType> = outputs.iter().map(|port| self.input_type(port)).collect();
        if !types.iter().all(is_list) {
            return Err("Collector output must connect to a collection input");
        }
        let root = roots.first();
        let fits = |kind: &FieldType| match root {
            _ if kind.is_any() => true,
            Some(root) => kind
                .item_types()
                .iter()
                .any(|item| root.is_kind_of(item) || item.alternatives().contains(root)),
            None => false,
        };
        if !types.iter().all(fits) {
            return Err(MISMATCH);
        }
        for output in outputs
            .iter()
            .filter(|port| self.graph.node_type(&port.node_id) == COLLECT && port.field == COLLECTION)
        {
            let fits = match (root, self.collected_type(&output.node_id)) {
                (_, None) => true,
                (None, Some(next)) => next == FieldType::Any,
                (Some(root), Some(next)) => root.may_feed(&next),
            };
            if !fits {
                return Err(MISMATCH);
            }
        }
        Ok(())
    }

    /// The type of what a collector collects; anything if there are several.
    fn collected_type(&self, node_id: &str) -> Option<FieldType> {
        let types = self.item_types(node_id, &mut HashSet::new());
        let is_empty = types.is_empty();
        let mut roots = roots(types);
        match roots.len() {
            0 if is_empty => None,
            1 => roots.pop(),
            _ => Some(FieldType::Any),
        }
    }

    /// The types of all items, also of those that come from other collectors.
    fn item_types(&self, node_id: &str, seen: &mut HashSet<String>) -> Vec<FieldType> {
        if !seen.insert(node_id.to_owned()) {
            return Vec::new();
        }
        let mut types: Vec<FieldType> = self
            .into(node_id, ITEM)
            .into_iter()
            .flat_map(|port| self.output_type(port).alternatives())
            .collect();
        for port in self.into(node_id, COLLECTION) {
            if self.graph.node_type(&port.node_id) == COLLECT && port.field == COLLECTION {
                types.extend(self.item_types(&port.node_id, &mut seen.clone()));
            } else {
                types.extend(self.output_type(port).item_types());
            }
        }
        types
    }
}

/// The types of which all others are kinds, apart from anything.
fn roots(types: Vec<FieldType>) -> Vec<FieldType> {
    let mut roots: Vec<FieldType> = Vec::new();
    for kind in types.iter().filter(|kind| **kind != FieldType::Any) {
        let is_root = !types.iter().any(|other| other != kind && kind.is_kind_of(other));
        if is_root && !roots.contains(kind) {
            roots.push(kind.clone());
        }
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn schema(node_type: &'static str, inputs: Value, outputs: Value) -> NodeSchema {
        let input = json!({ "properties": inputs });
        let output = json!({ "properties": outputs });
        NodeSchema {
            node_type,
            name: node_type,
            input,
            output_name: node_type,
            output: output.into(),
            definitions: vec![],
        }
    }

    /// `edges` as `node.field>node.field`; a node's id is its type and a digit.
    fn checked(nodes: &[&str], edges: &[&str]) -> Result<(), String> {
        let any_or_null = json!({ "anyOf": [{}, { "type": "null" }] });
        let list = |kind: &str| json!({ "type": "array", "items": { "type": kind } });
        let schemas = [
            schema(
                "integer",
                json!({ "value": { "type": "integer" } }),
                json!({ "value": { "type": "integer" } }),
            ),
            schema(
                "string",
                json!({ "value": { "type": "string" } }),
                json!({ "value": { "type": "string" } }),
            ),
            schema(
                "float",
                json!({ "value": { "type": "number" } }),
                json!({ "value": { "type": "number" } }),
            ),
            schema("range", json!({}), json!({ "collection": list("integer") })),
            schema(
                "strings",
                json!({ "collection": list("string") }),
                json!({ "collection": list("string") }),
            ),
            schema(ITERATE, json!({ "collection": { "type": "array", "items": {} } }), json!({ "item": {} })),
            schema(
                COLLECT,
                json!({ "item": any_or_null, "collection": { "type": "array", "items": {} } }),
                json!({ "collection": { "type": "array", "items": {} } }),
            ),
        ];
        let schemas: HashMap<&str, &NodeSchema> =
            schemas.iter().map(|schema| (schema.node_type, schema)).collect();
        let nodes: Value = nodes
            .iter()
            .map(|id| ((*id).to_owned(), json!({ "type": id.trim_end_matches(char::is_numeric) })))
            .collect();
        let port = |text: &str| {
            let (node_id, field) = text.split_once('.').unwrap();
            json!({ "node_id": node_id, "field": field })
        };
        let edges: Vec<Value> = edges
            .iter()
            .map(|edge| edge.split_once('>').unwrap())
            .map(|(source, destination)| json!({ "source": port(source), "destination": port(destination) }))
            .collect();
        let graph = serde_json::from_value(json!({ "id": "g", "nodes": nodes, "edges": edges })).unwrap();
        check(&graph, &schemas)
    }

    #[test]
    fn integers_become_numbers_and_texts_but_not_the_other_way_round() {
        assert_eq!(
            checked(
                &["integer", "float", "string"],
                &["integer.value>float.value", "float.value>string.value"]
            ),
            Ok(())
        );
        let refused = checked(&["string", "integer"], &["string.value>integer.value"]);
        assert_eq!(
            refused,
            Err("Edge source and target types do not match (string.value -> integer.value)".into())
        );
    }

    #[test]
    fn iterators_pass_on_the_type_of_their_list() {
        assert_eq!(
            checked(
                &["range", "iterate", "float"],
                &["range.collection>iterate.collection", "iterate.item>float.value"]
            ),
            Ok(())
        );
        let refused = checked(
            &["strings", "iterate", "float"],
            &["strings.collection>iterate.collection", "iterate.item>float.value"],
        );
        assert!(
            refused.unwrap_err().ends_with("Iterator outputs must connect to an input with a matching type")
        );
        assert!(
            checked(&["iterate"], &[]).unwrap_err().ends_with("Iterator must have a collection input edge")
        );
    }

    #[test]
    fn collectors_take_items_of_one_type() {
        let refused = checked(
            &["integer", "string", "collect"],
            &["integer.value>collect.item", "string.value>collect.item"],
        );
        assert!(refused.unwrap_err().ends_with("Collector input collection items must be of a single type"));
        let refused = checked(
            &["integer", "collect", "strings"],
            &["integer.value>collect.item", "collect.collection>strings.collection"],
        );
        assert!(refused.unwrap_err().ends_with("collection input with a matching type"));
        let refused = checked(
            &["string", "collect", "iterate", "integer"],
            &[
                "string.value>collect.item",
                "collect.collection>iterate.collection",
                "iterate.item>integer.value",
            ],
        );
        assert!(
            refused.unwrap_err().ends_with("Iterator collection type must match all iterator output types")
        );
        assert!(
            checked(&["collect"], &[]).unwrap_err().ends_with("at least one item or collection input edge")
        );
    }
}
