//! A batch: one graph and the values that are put into it, expanded into sessions.
//!
//! - [`problem`]: why a batch is refused, in FastAPI's shape
//! - [`graph_check`]: the graph against the node types that exist
mod graph_check;
mod problem;
#[cfg(test)]
mod tests;

pub use problem::Problem;

use crate::node_schema::NodeSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// The values for one field of one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchDatum {
    /// The node's id in the graph.
    pub node_path: String,
    /// The field.
    pub field_name: String,
    /// One value a session.
    #[serde(default)]
    pub items: Vec<Value>,
}

/// A batch that is fit to be enqueued. Data of an inner list go in step, lists are multiplied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The batch's id.
    #[serde(default = "fresh_id")]
    pub batch_id: String,
    /// Where in the UI it came from.
    #[serde(default)]
    pub origin: Option<String>,
    /// Where in the UI its results go.
    #[serde(default)]
    pub destination: Option<String>,
    /// The values.
    #[serde(default)]
    pub data: Option<Vec<Vec<BatchDatum>>>,
    /// The graph.
    pub graph: Value,
    /// The workflow that goes into images.
    #[serde(default)]
    pub workflow: Option<Value>,
    /// How often everything is repeated.
    #[serde(default = "one")]
    pub runs: u64,
}

/// One session of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchSession {
    /// The session's id.
    pub session_id: String,
    /// The state of its execution before it starts.
    pub session: Value,
    /// What the batch put into the graph.
    pub field_values: Value,
}

fn fresh_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

const fn one() -> u64 {
    1
}

/// The state of an execution that has not started.
pub fn new_session(session_id: &str, graph: Value) -> Value {
    json!({
        "id": session_id,
        "graph": graph,
        "execution_graph": { "id": fresh_id(), "nodes": {}, "edges": [] },
        "executed": [],
        "executed_history": [],
        "results": {},
        "errors": {},
        "workflow_call_stack": [],
        "workflow_call_history": [],
        "max_workflow_call_depth": 4,
        "prepared_source_mapping": {},
        "source_prepared_mapping": {},
        "prepared_iteration_paths": {},
        "ready_order": [],
        "indegree": {},
    })
}

impl Batch {
    /// Reads and checks a batch as clients send it; fills in the defaults of its nodes.
    ///
    /// # Errors
    /// The first [`Problem`].
    pub fn parse(body: Value, nodes: &[NodeSchema]) -> Result<Self, Problem> {
        let mut batch: Self = serde_json::from_value(body.clone())
            .map_err(|error| Problem::new("value_error", &["body", "batch"], error.to_string(), &body))?;
        if batch.runs < 1 {
            let message = "Input should be greater than or equal to 1";
            return Err(Problem::new(
                "greater_than_equal",
                &["body", "batch", "runs"],
                message,
                &json!(batch.runs),
            ));
        }
        batch.check_data()?;
        graph_check::complete(&mut batch.graph, nodes)?;
        batch.check_fields(nodes)?;
        Ok(batch)
    }

    fn check_data(&self) -> Result<(), Problem> {
        let value = json!(self.data);
        let problem = |message: &str| {
            Problem::new("value_error", &["body", "batch", "data"], format!("Value error, {message}"), &value)
        };
        let mut fields = HashSet::new();
        for group in self.data.iter().flatten() {
            let length = group.first().map_or(0, |datum| datum.items.len());
            for datum in group {
                if datum.items.len() != length {
                    return Err(problem("Zipped batch items must all have the same length"));
                }
                let first = datum.items.first().map(std::mem::discriminant);
                if datum.items.iter().any(|item| Some(std::mem::discriminant(item)) != first) {
                    return Err(problem("All items in a batch must have the same type"));
                }
                if !fields.insert((&datum.node_path, &datum.field_name)) {
                    return Err(problem("Each batch data must have unique node_id and field_name"));
                }
            }
        }
        Ok(())
    }

    fn check_fields(&self, nodes: &[NodeSchema]) -> Result<(), Problem> {
        let problem = |message: String| {
            Problem::new("value_error", &["body", "batch"], format!("Value error, {message}"), &Value::Null)
        };
        for datum in self.data.iter().flatten().flatten() {
            let Some(node) = self.graph["nodes"].get(&datum.node_path) else {
                return Err(problem(format!("Node {} not found in graph", datum.node_path)));
            };
            let schema = nodes.iter().find(|schema| node["type"] == schema.node_type);
            let known =
                schema.is_some_and(|schema| schema.input["properties"].get(&datum.field_name).is_some());
            if !known {
                return Err(problem(format!(
                    "Field {} not found in node {}",
                    datum.field_name, datum.node_path
                )));
            }
        }
        Ok(())
    }

    /// How many sessions the batch asks for.
    pub fn session_count(&self) -> u64 {
        let groups = self.data.iter().flatten();
        groups
            .map(|group| group.first().map_or(0, |datum| datum.items.len() as u64))
            .fold(self.runs, u64::saturating_mul)
    }

    /// The first `limit` sessions: the last list of data changes fastest, runs slowest.
    pub fn sessions(&self, limit: usize) -> Vec<BatchSession> {
        let total = usize::try_from(self.session_count()).unwrap_or(usize::MAX).min(limit);
        let groups: Vec<&Vec<BatchDatum>> = self.data.iter().flatten().collect();
        (0..total).map(|index| self.session(&groups, index)).collect()
    }

    fn session(&self, groups: &[&Vec<BatchDatum>], index: usize) -> BatchSession {
        let mut rest = index;
        let mut places = vec![0; groups.len()];
        for (place, group) in places.iter_mut().zip(groups).rev() {
            let length = group.first().map_or(1, |datum| datum.items.len().max(1));
            *place = rest % length;
            rest /= length;
        }
        let mut graph = self.graph.clone();
        let mut field_values = Vec::new();
        for (group, place) in groups.iter().zip(places) {
            for datum in group.iter() {
                let value = datum.items[place].clone();
                if let Some(node) = graph["nodes"].get_mut(&datum.node_path).and_then(Value::as_object_mut) {
                    node.insert(datum.field_name.clone(), value.clone());
                }
                field_values.push(json!({
                    "node_path": datum.node_path, "field_name": datum.field_name, "value": value,
                }));
            }
        }
        let session_id = fresh_id();
        let session = new_session(&session_id, graph);
        BatchSession { session_id, session, field_values: Value::Array(field_values) }
    }
}

/// A node's fields by name.
pub(crate) fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}
