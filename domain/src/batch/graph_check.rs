//! Checks a graph against the node types that exist, and fills in what clients left to the defaults.
use super::{Problem, properties};
use crate::graph::{COLLECT, Graph, ITEM, connections, values};
use crate::node_schema::NodeSchema;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// Checks `graph` and completes it: an id, the nodes' own ids, their defaults, the edges.
///
/// # Errors
/// The first [`Problem`].
pub(super) fn complete(graph: &mut Value, nodes: &[NodeSchema]) -> Result<(), Problem> {
    let given = graph.clone();
    let Some(members) = graph.as_object_mut() else {
        return Err(problem("dict_type", &[], "Input should be a valid dictionary", &given));
    };
    let id = members.get("id").cloned().unwrap_or_else(|| json!(uuid::Uuid::new_v4().to_string()));
    let node_map = match members.get("nodes") {
        None => Map::new(),
        Some(Value::Object(node_map)) => node_map.clone(),
        Some(other) => {
            return Err(problem("dict_type", &["nodes"], "Input should be a valid dictionary", other));
        }
    };
    let edges = match members.get("edges") {
        None => Vec::new(),
        Some(Value::Array(edges)) => edges.clone(),
        Some(other) => return Err(problem("list_type", &["edges"], "Input should be a valid list", other)),
    };
    let schemas: HashMap<&str, &NodeSchema> = nodes.iter().map(|schema| (schema.node_type, schema)).collect();
    let mut completed = Map::new();
    let mut kinds = HashMap::new();
    for (node_id, node) in &node_map {
        let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
        let Some(schema) = schemas.get(kind) else {
            let message = format!(
                "Input tag '{kind}' found using 'type' does not match any of the expected tags: {}",
                instead_of(kind)
            );
            return Err(problem("union_tag_invalid", &["nodes", node_id], message, node));
        };
        if node.get("id").is_some_and(|own| own != node_id.as_str()) {
            let message = format!("Value error, Node ids must match, got {} and {node_id}", node["id"]);
            return Err(problem("value_error", &[], message, &given));
        }
        completed.insert(node_id.clone(), with_defaults(node_id, node, schema)?);
        kinds.insert(node_id.as_str(), *schema);
    }
    let refused = |message: String| problem("value_error", &[], format!("Value error, {message}"), &given);
    check_edges(&edges, &kinds).map_err(refused)?;
    let whole = serde_json::from_value(json!({ "nodes": completed, "edges": edges }));
    let whole: Graph = whole.map_err(|error| refused(error.to_string()))?;
    connections::check(&whole, &schemas).map_err(refused)?;
    *graph = json!({ "id": id, "nodes": completed, "edges": edges });
    Ok(())
}

/// What a person can do who wanted a node that does not exist here.
fn instead_of(kind: &str) -> &'static str {
    match kind {
        "infill_lama" | "infill_patchmatch" => {
            "this studio has no such infill; choose Tile, CV2 or Solid Color under Compositing, Infill Method"
        }
        _ => "this studio has no such node",
    }
}

fn problem(kind: &'static str, within: &[&str], message: impl Into<String>, input: &Value) -> Problem {
    let location: Vec<&str> = ["body", "batch", "graph"].iter().chain(within).copied().collect();
    Problem::new(kind, &location, message, input)
}

fn with_defaults(node_id: &str, node: &Value, schema: &NodeSchema) -> Result<Value, Problem> {
    let mut fields = Map::new();
    fields.insert("id".into(), json!(node_id));
    fields.insert("is_intermediate".into(), json!(false));
    fields.insert("use_cache".into(), json!(true));
    let none = Map::new();
    let known = properties(&schema.input).unwrap_or(&none);
    for (name, field) in known {
        if let Some(default) = field.get("default").filter(|default| !default.is_null()) {
            fields.insert(name.clone(), default.clone());
        }
    }
    for (name, value) in node.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let fitted = match known.get(name) {
            Some(field) => values::fit(value.clone(), field, &schema.definitions).map_err(|mismatch| {
                let inside = mismatch.place.iter().map(String::as_str);
                let place: Vec<&str> =
                    ["nodes", node_id, schema.node_type, name].into_iter().chain(inside).collect();
                problem(mismatch.kind, &place, mismatch.message.clone(), value)
            })?,
            None => value.clone(),
        };
        fields.insert(name.clone(), fitted);
    }
    // Upstream writes the type last.
    fields.shift_remove("type");
    fields.insert("type".into(), json!(schema.node_type));
    Ok(Value::Object(fields))
}

fn check_edges(edges: &[Value], kinds: &HashMap<&str, &NodeSchema>) -> Result<(), String> {
    let mut seen = HashSet::new();
    let mut links: Vec<(&str, &str)> = Vec::new();
    for edge in edges {
        let end = |side: &str, part: &str| edge[side][part].as_str().unwrap_or_default();
        let (source, source_field) = (end("source", "node_id"), end("source", "field"));
        let (destination, field) = (end("destination", "node_id"), end("destination", "field"));
        let from = kinds
            .get(source)
            .ok_or_else(|| format!("Edge source node {source} does not exist in the graph"))?;
        let to = kinds
            .get(destination)
            .ok_or_else(|| format!("Edge destination node {destination} does not exist in the graph"))?;
        if properties(&from.output).is_some_and(|fields| !fields.contains_key(source_field)) {
            return Err(format!("Edge source field {source_field} does not exist in node {source}"));
        }
        if properties(&to.input).is_some_and(|fields| !fields.contains_key(field)) {
            return Err(format!("Edge destination field {field} does not exist in node {destination}"));
        }
        // A collector takes many items; any other field takes one value.
        let many = to.node_type == COLLECT && field == ITEM;
        if !seen.insert((source, source_field, destination, field))
            || (!many && edges.iter().filter(|other| other["destination"] == edge["destination"]).count() > 1)
        {
            return Err(format!("Edge to node {destination} field {field} already exists"));
        }
        links.push((source, destination));
    }
    if has_cycle(kinds.keys().copied(), &links) {
        return Err("Graph contains cycles".into());
    }
    Ok(())
}

/// Removes nodes without incoming links until none is left, or only a cycle.
fn has_cycle<'a>(nodes: impl Iterator<Item = &'a str>, links: &[(&'a str, &'a str)]) -> bool {
    let mut incoming: HashMap<&str, usize> = nodes.map(|node| (node, 0)).collect();
    let mut outgoing: HashMap<&str, Vec<&str>> = HashMap::new();
    for (from, to) in links {
        *incoming.entry(to).or_default() += 1;
        outgoing.entry(from).or_default().push(to);
    }
    let mut free: Vec<&str> =
        incoming.iter().filter(|(_, count)| **count == 0).map(|(node, _)| *node).collect();
    let mut removed = 0;
    while let Some(node) = free.pop() {
        removed += 1;
        for next in outgoing.get(node).into_iter().flatten() {
            if let Some(count) = incoming.get_mut(next) {
                *count -= 1;
                if *count == 0 {
                    free.push(next);
                }
            }
        }
    }
    removed < incoming.len()
}
