//! Prepared nodes and where in the iterations they stand.
use crate::graph::{COLLECT, COLLECTION, Edge, ITERATE};
use serde_json::{Map, Value, json};

/// The index of the item of each iterator that a prepared node is run for (`Topology::iterators`).
pub(super) type Path = Vec<usize>;

/// How far a prepared node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Waits for inputs, or for an `if`.
    Pending,
    /// In the queue, or running.
    Ready,
    /// Has a result.
    Executed,
    /// Not needed by the branch that was taken.
    Skipped,
}

/// A node of the graph, prepared to run once.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) source_id: String,
    pub(super) node: Map<String, Value>,
    pub(super) path: Path,
    pub(super) state: State,
    /// Edges between prepared ids.
    pub(super) inputs: Vec<Edge>,
    pub(super) outputs: Vec<Edge>,
    /// How many of the inputs have no value yet.
    pub(super) missing: usize,
}

impl Instance {
    pub(super) fn new(source_id: &str, node: Map<String, Value>, path: Path) -> Self {
        let (inputs, outputs) = (Vec::new(), Vec::new());
        Self {
            source_id: source_id.to_owned(),
            node,
            path,
            state: State::Pending,
            inputs,
            outputs,
            missing: 0,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Executed | State::Skipped)
    }

    pub(super) fn node_type(&self) -> &str {
        self.node.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The prepared nodes that this one feeds, as often as there are edges to them.
    pub(super) fn dependents(&self) -> Vec<String> {
        self.outputs.iter().map(|edge| edge.destination.node_id.clone()).collect()
    }

    /// A list that went through an iterator or a collector is kept where it came from, not once more for each item.
    pub(super) fn forget_collection(&mut self) {
        if self.is_loop_boundary() {
            self.node.insert(COLLECTION.to_owned(), json!([]));
        }
    }

    pub(super) fn is_loop_boundary(&self) -> bool {
        matches!(self.node_type(), ITERATE | COLLECT)
    }
}
