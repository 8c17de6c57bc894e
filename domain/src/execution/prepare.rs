//! From nodes of the graph to prepared nodes, as soon as it is known how often each runs.
use super::instance::{Instance, Path};
use super::{Execution, ExecutionError};
use crate::graph::{COLLECT, COLLECTION, Edge, IF, ITERATE, Port};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One time that a node runs.
pub(super) struct Combination {
    /// The items that it runs for, without an iterator's own.
    pub(super) path: Path,
    /// Edges of the graph with their source's prepared id.
    pub(super) inputs: Vec<(Edge, String)>,
}

impl Execution {
    /// Prepares the next node of the graph for all its iterations; whether there was one.
    pub(super) fn prepare_one(&mut self) -> Result<bool, ExecutionError> {
        let Some(source_id) =
            self.topology.order().iter().find(|node_id| self.can_be_prepared(node_id)).cloned()
        else {
            return Ok(false);
        };
        self.prepared.insert(source_id.clone(), BTreeMap::new());
        let combinations = match self.graph.node_type(&source_id) {
            COLLECT => self.collector_inputs(&source_id),
            _ => self.combined_inputs(&source_id),
        };
        for combination in combinations {
            self.prepare_with(&source_id, &combination)?;
        }
        let ids = self.prepared_ids(&source_id);
        if ids.is_empty() {
            self.note_if_all_executed(&source_id);
        }
        if self.graph.node_type(&source_id) == IF {
            self.settle_branches_of(&source_id);
        } else {
            for id in ids {
                self.enqueue_if_ready(&id);
            }
        }
        Ok(true)
    }

    /// How often a node runs is known when the iterators before it ran, and for an iterator when its list is there.
    fn can_be_prepared(&self, node_id: &str) -> bool {
        let ran = |other: &String| self.executed_sources.contains(other);
        !self.prepared.contains_key(node_id)
            && (self.graph.node_type(node_id) != ITERATE || self.topology.parents(node_id).all(ran))
            && self
                .topology
                .ancestors(node_id)
                .filter(|other| self.graph.node_type(other) == ITERATE)
                .all(ran)
    }

    fn prepare_with(&mut self, source_id: &str, combination: &Combination) -> Result<(), ExecutionError> {
        if self.graph.node_type(source_id) != ITERATE {
            self.add_instance(source_id, combination, None);
            return Ok(());
        }
        for index in 0..self.item_count(source_id, combination)? {
            self.add_instance(source_id, combination, Some(index));
        }
        Ok(())
    }

    fn item_count(&self, source_id: &str, combination: &Combination) -> Result<usize, ExecutionError> {
        let list = combination.inputs.iter().find(|(edge, _)| edge.destination.field == COLLECTION);
        let value = match list {
            Some((edge, prepared_id)) => {
                self.results.get(prepared_id).and_then(|output| output.get(&edge.source.field))
            }
            None => self.graph.nodes.get(source_id).and_then(|node| node.get(COLLECTION)),
        };
        match value {
            Some(Value::Array(items)) => Ok(items.len()),
            _ => Err(ExecutionError::NotACollection { node_id: source_id.to_owned() }),
        }
    }

    fn add_instance(&mut self, source_id: &str, combination: &Combination, index: Option<usize>) {
        let id = uuid::Uuid::new_v4().to_string();
        let mut node = self.graph.nodes.get(source_id).cloned().unwrap_or_default();
        node.insert("id".into(), json!(id));
        if let Some(index) = index {
            node.insert("index".into(), json!(index));
        }
        let path: Path = combination.path.iter().copied().chain(index).collect();
        let mut instance = Instance::new(source_id, node, path.clone());
        if instance.is_loop_boundary() {
            // Running these costs less than looking up whether they ran.
            instance.node.insert("use_cache".into(), json!(false));
        }
        for (edge, prepared_id) in &combination.inputs {
            let source = Port { node_id: prepared_id.clone(), field: edge.source.field.clone() };
            let destination = Port { node_id: id.clone(), field: edge.destination.field.clone() };
            let edge = Edge { source, destination };
            if let Some(parent) = self.instances.get_mut(prepared_id) {
                instance.missing += usize::from(!parent.is_done());
                parent.outputs.push(edge.clone());
            }
            instance.inputs.push(edge);
        }
        self.instances.insert(id.clone(), instance);
        self.prepared.entry(source_id.to_owned()).or_default().insert(path, id);
    }
}
