//! The values that come through edges.
use super::branches::CONDITION;
use super::instance::Instance;
use super::{Execution, ExecutionError, PreparedNode};
use crate::graph::{COLLECT, COLLECTION, Edge, IF, ITEM};
use serde_json::{Map, Value};

impl Execution {
    /// Fills in a prepared node's inputs for its run.
    pub(super) fn fill_inputs(&mut self, prepared_id: &str) -> Result<PreparedNode, ExecutionError> {
        let missing = || ExecutionError::MissingResult { node_id: prepared_id.to_owned() };
        let instance = self.instances.get(prepared_id).ok_or_else(missing)?;
        let values = match instance.node_type() {
            COLLECT => self.collected(instance).map(|list| vec![(COLLECTION.to_owned(), list)]),
            IF => self.chosen(prepared_id, instance),
            _ => instance
                .inputs
                .iter()
                .map(|edge| Some((edge.destination.field.clone(), self.value(edge)?)))
                .collect(),
        };
        let values = values.ok_or_else(missing)?;
        let instance = self.instances.get_mut(prepared_id).ok_or_else(missing)?;
        let mut node = instance.node.clone();
        node.extend(values);
        if !instance.is_loop_boundary() {
            instance.node.clone_from(&node);
        }
        Ok(PreparedNode { id: prepared_id.to_owned(), source_id: instance.source_id.clone(), node })
    }

    /// What an edge brings; `None` if its source has no result. An output that is left out is null.
    pub(super) fn value(&self, edge: &Edge) -> Option<Value> {
        let output = self.results.get(&edge.source.node_id)?;
        Some(output.get(&edge.source.field).cloned().unwrap_or_default())
    }

    /// Whole lists first, then single items, each in the order of the iterations and then of the graph.
    fn collected(&self, instance: &Instance) -> Option<Value> {
        let sorted = |field: &str| {
            let mut edges: Vec<&Edge> =
                instance.inputs.iter().filter(|edge| edge.destination.field == field).collect();
            edges.sort_by_key(|edge| self.instances.get(&edge.source.node_id).map(|source| &source.path));
            edges
        };
        let mut list = Vec::new();
        for edge in sorted(COLLECTION) {
            match self.value(edge)? {
                Value::Array(items) => list.extend(items),
                other => list.push(other),
            }
        }
        for edge in sorted(ITEM) {
            list.push(self.value(edge)?);
        }
        Some(Value::Array(list))
    }

    fn chosen(&self, prepared_id: &str, instance: &Instance) -> Option<Vec<(String, Value)>> {
        let branch = self.branches.taken(prepared_id)?;
        let used =
            |edge: &&Edge| edge.destination.field == branch.field() || edge.destination.field == CONDITION;
        instance
            .inputs
            .iter()
            .filter(used)
            .map(|edge| Some((edge.destination.field.clone(), self.value(edge)?)))
            .collect()
    }
}

/// The inputs that are left over in a graph's node, for a session's JSON.
pub(super) fn without_nulls(fields: &Map<String, Value>) -> Map<String, Value> {
    fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
