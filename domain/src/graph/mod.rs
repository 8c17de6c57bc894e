//! A node graph as clients send it: nodes by id, and edges between their fields.
//!
//! - [`topology`]: what depends on what, and in which order it can run
//! - [`connections`]: edges against the types of fields, [`types`]
//! - [`values`]: values against the schemas of fields
pub mod connections;
mod topology;
pub mod types;
pub mod values;

pub use topology::Topology;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The node that runs what follows it once for each item of a list.
pub const ITERATE: &str = "iterate";
/// The node that puts the values of several runs into one list.
pub const COLLECT: &str = "collect";
/// The node that passes on one of two values, of which only that one is computed.
pub const IF: &str = "if";

/// The field of one item, on [`ITERATE`]'s output and [`COLLECT`]'s input.
pub const ITEM: &str = "item";
/// The field of a list, on [`ITERATE`]'s input and both sides of [`COLLECT`].
pub const COLLECTION: &str = "collection";

/// One end of an edge.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Port {
    /// The node's id.
    pub node_id: String,
    /// The node's input or output field.
    pub field: String,
}

/// A value's way from one node's output to another node's input.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edge {
    /// Where the value comes from.
    pub source: Port,
    /// Where it goes.
    pub destination: Port,
}

impl std::fmt::Display for Edge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (source, destination) = (&self.source, &self.destination);
        write!(
            formatter,
            "{}.{} -> {}.{}",
            source.node_id, source.field, destination.node_id, destination.field
        )
    }
}

/// A graph. Nodes keep the order in which the client wrote them, because equal choices fall in that order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// The graph's id.
    #[serde(default)]
    pub id: String,
    /// The nodes' fields by node id.
    #[serde(default)]
    pub nodes: IndexMap<String, Map<String, Value>>,
    /// The edges.
    #[serde(default)]
    pub edges: Vec<Edge>,
}

impl Graph {
    /// The `type` of a node; empty where there is none.
    pub fn node_type(&self, node_id: &str) -> &str {
        self.nodes.get(node_id).and_then(|node| node.get("type")).and_then(Value::as_str).unwrap_or_default()
    }

    /// The edges into a node, in the order of the graph.
    pub fn inputs<'a>(&'a self, node_id: &'a str) -> impl Iterator<Item = &'a Edge> {
        self.edges.iter().filter(move |edge| edge.destination.node_id == node_id)
    }

    /// The edges out of a node, in the order of the graph.
    pub fn outputs<'a>(&'a self, node_id: &'a str) -> impl Iterator<Item = &'a Edge> {
        self.edges.iter().filter(move |edge| edge.source.node_id == node_id)
    }
}
