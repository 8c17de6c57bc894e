//! From and to the JSON of a session, in upstream's shape.
use super::branches::Branches;
use super::inputs::without_nulls;
use super::instance::{Instance, Path, State};
use super::{Execution, ExecutionError};
use crate::graph::{Edge, Graph, Topology};
use indexmap::{IndexMap, IndexSet};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The members that execution reads; it keeps all others as they are.
#[derive(Deserialize)]
struct Session {
    graph: Graph,
    #[serde(default)]
    execution_graph: Graph,
    #[serde(default)]
    executed: IndexSet<String>,
    #[serde(default)]
    executed_history: Vec<String>,
    #[serde(default)]
    results: IndexMap<String, Value>,
    #[serde(default)]
    errors: IndexMap<String, String>,
    #[serde(default)]
    prepared_source_mapping: HashMap<String, String>,
    #[serde(default)]
    source_prepared_mapping: IndexMap<String, IndexSet<String>>,
    #[serde(default)]
    prepared_iteration_paths: HashMap<String, Path>,
}

impl Execution {
    /// Reads a session that has not started, or that was executed in part.
    ///
    /// # Errors
    /// [`ExecutionError::Malformed`], or [`ExecutionError::Cycle`] for a graph that cannot be executed.
    pub fn from_session(session: Value) -> Result<Self, ExecutionError> {
        let rest = session.as_object().cloned().unwrap_or_default();
        let session: Session = serde_json::from_value(session)?;
        let topology = Topology::of(&session.graph).ok_or(ExecutionError::Cycle)?;
        let branches = Branches::of(&session.graph, &topology);
        let mut execution = Self {
            rest,
            execution_graph_id: session.execution_graph.id.clone(),
            topology,
            branches,
            instances: IndexMap::new(),
            prepared: IndexMap::new(),
            executed_sources: session
                .executed
                .iter()
                .filter(|id| session.graph.nodes.contains_key(*id))
                .cloned()
                .collect(),
            history: session.executed_history,
            results: session.results,
            errors: session.errors,
            ready: super::ReadyNodes::default(),
            graph: session.graph,
        };
        for (id, node) in session.execution_graph.nodes {
            let source_id = session.prepared_source_mapping.get(&id).cloned().unwrap_or_default();
            let path = session.prepared_iteration_paths.get(&id).cloned().unwrap_or_default();
            let mut instance = Instance::new(&source_id, node, path);
            if session.executed.contains(&id) {
                instance.state =
                    if execution.results.contains_key(&id) { State::Executed } else { State::Skipped };
            }
            execution.instances.insert(id, instance);
        }
        execution.connect(&session.execution_graph.edges);
        for (source_id, ids) in session.source_prepared_mapping {
            let with_path = |id: String| Some((execution.instances.get(&id)?.path.clone(), id));
            let ids = ids.into_iter().filter_map(with_path).collect();
            execution.prepared.insert(source_id, ids);
        }
        execution.resume();
        Ok(execution)
    }

    fn connect(&mut self, edges: &[Edge]) {
        for edge in edges {
            let Some(source) = self.instances.get_mut(&edge.source.node_id) else { continue };
            source.outputs.push(edge.clone());
            let is_missing = !source.is_done();
            if let Some(destination) = self.instances.get_mut(&edge.destination.node_id) {
                destination.inputs.push(edge.clone());
                destination.missing += usize::from(is_missing);
            }
        }
    }

    /// Puts back into the queue what was ready, or was running when the session was written.
    fn resume(&mut self) {
        let ids: Vec<String> = self.instances.keys().cloned().collect();
        for id in &ids {
            self.resolve_if(id);
        }
        for id in &ids {
            self.enqueue_if_ready(id);
        }
    }

    /// The session as it is now.
    pub fn to_session(&self) -> Value {
        let mut session = self.rest.clone();
        session.extend(self.progress());
        Value::Object(session)
    }

    fn progress(&self) -> Map<String, Value> {
        let nodes: Map<String, Value> = self
            .instances
            .iter()
            .map(|(id, instance)| (id.clone(), Value::Object(without_nulls(&instance.node))))
            .collect();
        let edges: Vec<&Edge> = self.instances.values().flat_map(|instance| &instance.inputs).collect();
        let is_done = |(_, instance): &(&String, &Instance)| instance.is_done();
        let executed = self.instances.iter().filter(is_done).map(|(id, _)| id).chain(&self.executed_sources);
        let by_instance = |value: fn(&Instance) -> Value| -> Map<String, Value> {
            self.instances.iter().map(|(id, instance)| (id.clone(), value(instance))).collect()
        };
        let ids_by_source: Map<String, Value> = self
            .prepared
            .iter()
            .map(|(source_id, ids)| (source_id.clone(), json!(ids.values().collect::<Vec<_>>())))
            .collect();
        let progress = json!({
            "execution_graph": { "id": self.execution_graph_id, "nodes": nodes, "edges": edges },
            "executed": executed.collect::<Vec<_>>(),
            "executed_history": self.history,
            "results": self.results,
            "errors": self.errors,
            "prepared_source_mapping": by_instance(|instance| json!(instance.source_id)),
            "source_prepared_mapping": ids_by_source,
            "prepared_iteration_paths": by_instance(|instance| json!(instance.path)),
            "indegree": by_instance(|instance| json!(instance.missing)),
        });
        match progress {
            Value::Object(progress) => progress,
            _ => Map::new(),
        }
    }
}
