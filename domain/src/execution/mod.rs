//! The state of one graph's execution: which nodes are prepared, ran and gave what.
//!
//! Nodes of the graph are *prepared* before they run: a node behind an iterator once for each item, any other node
//! once. A prepared node is an [`Instance`](instance::Instance) with an id of its own. The rules, and the JSON of a
//! session, are those of InvokeAI 6.14.2 (`services/shared/graph.py`). We differ where that version stops without an
//! end or repeats values, see [`branches`] and [`combine`].
//!
//! - [`instance`]: prepared nodes and where in the iterations they stand
//! - [`prepare`]: from nodes of the graph to prepared nodes
//! - [`combine`]: which prepared inputs belong together
//! - [`ready`]: the order in which prepared nodes run
//! - [`branches`]: `if` and the nodes that only one of its inputs needs
//! - [`inputs`]: the values that come through edges
//! - [`session`]: from and to JSON
mod branches;
mod combine;
mod inputs;
mod instance;
mod prepare;
mod ready;
mod session;
#[cfg(test)]
mod tests;

use crate::graph::{Graph, Topology};
use branches::Branches;
use indexmap::{IndexMap, IndexSet};
use instance::{Instance, Path, State};
use ready::ReadyNodes;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// Why a session cannot be executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// The JSON is not a session's.
    #[error("The session cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The graph has a cycle, or an edge to a node that it does not have.
    #[error("Graph contains cycles")]
    Cycle,
    /// An iterator got something else than a list.
    #[error("Node {node_id} has invalid incoming input for collection")]
    NotACollection {
        /// The iterator's id in the graph.
        node_id: String,
    },
    /// A value is used that no node gave.
    #[error("Node {node_id} takes a value from a node that gave none")]
    MissingResult {
        /// The prepared node's id.
        node_id: String,
    },
}

/// A node that is ready to run.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedNode {
    /// The prepared node's own id.
    pub id: String,
    /// Its id in the graph.
    pub source_id: String,
    /// The whole invocation: id, type, flags and inputs, values of edges filled in.
    pub node: Map<String, Value>,
}

/// One graph's execution.
#[derive(Debug)]
pub struct Execution {
    /// Members of the session's JSON that execution does not touch.
    rest: Map<String, Value>,
    graph: Graph,
    execution_graph_id: String,
    topology: Topology,
    branches: Branches,
    instances: IndexMap<String, Instance>,
    /// Prepared ids by node id and items; a node that is prepared for no item at all has an empty entry.
    prepared: IndexMap<String, BTreeMap<Path, String>>,
    executed_sources: IndexSet<String>,
    history: Vec<String>,
    results: IndexMap<String, Value>,
    errors: IndexMap<String, String>,
    ready: ReadyNodes,
}

impl Execution {
    /// Makes equal choices between node types in the order of these names (by node type) instead of names made up
    /// from the types. Upstream goes by its class names, so its users see that order.
    #[must_use]
    pub fn with_class_names(mut self, names: &HashMap<&'static str, &'static str>) -> Self {
        self.ready.name_classes(names);
        self
    }

    /// The next node to run, prepared as far as needed; `None` when nothing is left or a node failed.
    ///
    /// # Errors
    /// [`ExecutionError`] when a value on an edge cannot be used.
    pub fn next_node(&mut self) -> Result<Option<PreparedNode>, ExecutionError> {
        if self.has_error() {
            return Ok(None);
        }
        let mut next = self.ready.pop();
        if next.is_none() && self.prepare_one()? {
            // All that can be prepared is, but the choice falls after the second, as upstream's does.
            loop {
                let more = self.prepare_one()?;
                if next.is_none() {
                    next = self.ready.pop();
                }
                if !more {
                    break;
                }
            }
        }
        next.map(|id| self.fill_inputs(&id)).transpose()
    }

    /// Records a node's output and frees what waited for it.
    pub fn complete(&mut self, prepared_id: &str, output: Value) {
        let Some(instance) = self.instances.get_mut(prepared_id) else { return };
        instance.state = State::Executed;
        instance.forget_collection();
        let source_id = instance.source_id.clone();
        let dependents = instance.dependents();
        self.results.insert(prepared_id.to_owned(), output);
        self.note_if_all_executed(&source_id);
        for dependent in dependents {
            if let Some(instance) = self.instances.get_mut(&dependent) {
                instance.missing = instance.missing.saturating_sub(1);
            }
            self.resolve_if(&dependent);
            self.enqueue_if_ready(&dependent);
        }
    }

    /// Records that a node failed, which ends the execution.
    pub fn record_error(&mut self, prepared_id: &str, error: String) {
        self.errors.insert(prepared_id.to_owned(), error);
    }

    /// Whether every node ran or was passed over, or one failed.
    pub fn is_complete(&self) -> bool {
        self.has_error() || self.graph.nodes.keys().all(|node_id| self.executed_sources.contains(node_id))
    }

    /// Whether a node failed.
    pub fn has_error(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The outputs by prepared id, in the order in which they came.
    pub fn results(&self) -> &IndexMap<String, Value> {
        &self.results
    }

    /// The prepared ids of a node of the graph, in the order of their iterations.
    pub fn prepared_ids(&self, source_id: &str) -> Vec<String> {
        self.prepared.get(source_id).into_iter().flatten().map(|(_, id)| id.clone()).collect()
    }

    fn note_if_all_executed(&mut self, source_id: &str) {
        let ids = self.prepared.get(source_id).into_iter().flatten().map(|(_, id)| id);
        let all_done = ids.into_iter().all(|id| self.instances.get(id).is_some_and(Instance::is_done));
        if all_done && self.executed_sources.insert(source_id.to_owned()) {
            self.history.push(source_id.to_owned());
        }
    }

    fn enqueue_if_ready(&mut self, prepared_id: &str) {
        let Some(instance) = self.instances.get(prepared_id) else { return };
        if instance.missing > 0 || instance.state != State::Pending || self.is_held_back(instance) {
            return;
        }
        let class = self.graph.node_type(&instance.source_id).to_owned();
        self.ready.push(&class, prepared_id, &instance.path);
        if let Some(instance) = self.instances.get_mut(prepared_id) {
            instance.state = State::Ready;
        }
    }
}
