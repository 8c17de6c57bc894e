//! `if`, and the nodes that only one of its inputs needs: they wait for the condition, and run only if it wants them.
//!
//! Upstream looks for the `if` of a waiting node at the same place in the iterations, and stops without an end where
//! the two stand at different ones, or where the branch holds an iterator. Here an `if` is found along the edges, and
//! iterators and what they depend on do not wait.
use super::Execution;
use super::instance::{Instance, State};
use crate::graph::{Graph, IF, ITERATE, Topology};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

pub(super) const CONDITION: &str = "condition";

/// One of the two inputs of an `if`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Branch {
    True,
    False,
}

impl Branch {
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::True => "true_input",
            Self::False => "false_input",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
        }
    }
}

/// The branches of a graph's `if` nodes, and which of them were taken.
#[derive(Debug, Default)]
pub(super) struct Branches {
    /// By node, the `if` nodes that alone need it.
    waits_for: HashMap<String, Vec<String>>,
    /// By prepared `if`, the branch that its condition chose.
    taken: HashMap<String, Branch>,
}

impl Branches {
    pub(super) fn of(graph: &Graph, topology: &Topology) -> Self {
        let mut waits_for: HashMap<String, Vec<String>> = HashMap::new();
        for if_id in graph.nodes.keys().filter(|node_id| graph.node_type(node_id) == IF) {
            for branch in [Branch::True, Branch::False] {
                for node_id in lazy_nodes(graph, topology, if_id, branch) {
                    waits_for.entry(node_id.to_owned()).or_default().push(if_id.clone());
                }
            }
        }
        Self { waits_for, taken: HashMap::new() }
    }

    pub(super) fn taken(&self, prepared_id: &str) -> Option<Branch> {
        self.taken.get(prepared_id).copied()
    }

    pub(super) fn take(&mut self, prepared_id: &str, condition: bool) -> Branch {
        let branch = if condition { Branch::True } else { Branch::False };
        self.taken.insert(prepared_id.to_owned(), branch);
        branch
    }

    fn waits_for(&self, source_id: &str) -> &[String] {
        self.waits_for.get(source_id).map_or(&[], Vec::as_slice)
    }

    fn waits_for_one(&self, source_id: &str, if_id: &str) -> bool {
        self.waits_for(source_id).iter().any(|other| other == if_id)
    }
}

/// The nodes all of whose outputs end in one input of an `if`, without iterators and what those depend on.
fn lazy_nodes<'a>(graph: &'a Graph, topology: &Topology, if_id: &str, branch: Branch) -> HashSet<&'a str> {
    let into_branch: HashSet<&str> = graph
        .inputs(if_id)
        .filter(|edge| edge.destination.field == branch.field())
        .map(|edge| edge.source.node_id.as_str())
        .collect();
    let feeds =
        |node_id: &str| into_branch.iter().any(|last| *last == node_id || topology.depends(last, node_id));
    let mut nodes: HashSet<&str> =
        graph.nodes.keys().map(String::as_str).filter(|node_id| feeds(node_id)).collect();
    // Backwards, so that a node is looked at after all that it feeds.
    for node_id in topology.order().iter().rev() {
        let stays = graph.outputs(node_id).all(|edge| {
            let (end, field) = (edge.destination.node_id.as_str(), edge.destination.field.as_str());
            nodes.contains(end) || (end == if_id && field == branch.field())
        });
        if !stays {
            nodes.remove(node_id.as_str());
        }
    }
    let iterators: Vec<&str> =
        nodes.iter().copied().filter(|node_id| graph.node_type(node_id) == ITERATE).collect();
    nodes.retain(|node_id| {
        !iterators.iter().any(|iterator| iterator == node_id || topology.depends(iterator, node_id))
    });
    nodes
}

/// What an `if` says about a node that waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Unknown,
    Needed,
    NotNeeded,
}

impl Execution {
    /// Whether a prepared node has to wait until it is known that it is needed.
    pub(super) fn is_held_back(&self, instance: &Instance) -> bool {
        let ifs = self.branches.waits_for(&instance.source_id).iter();
        ifs.into_iter().any(|if_id| self.verdict(instance, if_id) != Verdict::Needed)
    }

    fn verdict(&self, instance: &Instance, if_id: &str) -> Verdict {
        if !self.prepared.contains_key(if_id) {
            return Verdict::Unknown;
        }
        // Edges of branches that were not taken are gone, so every `if` that is found still wants the value.
        let ifs: Vec<&str> = self.prepared_descendants(instance, if_id);
        if ifs.iter().any(|id| self.branches.taken(id).is_some()) {
            Verdict::Needed
        } else if ifs.is_empty() {
            Verdict::NotNeeded
        } else {
            Verdict::Unknown
        }
    }

    fn prepared_descendants<'a>(&'a self, instance: &'a Instance, source_id: &str) -> Vec<&'a str> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        let mut open: Vec<&Instance> = vec![instance];
        while let Some(instance) = open.pop() {
            for id in instance.outputs.iter().map(|edge| edge.destination.node_id.as_str()) {
                let Some(child) = self.instances.get(id).filter(|child| child.state != State::Skipped) else {
                    continue;
                };
                if !seen.insert(id) {
                    continue;
                }
                if child.source_id == source_id {
                    found.push(id);
                } else if self.branches.waits_for_one(&child.source_id, source_id) {
                    open.push(child);
                }
            }
        }
        found
    }

    /// Takes a branch if the prepared node is an `if` whose condition is known.
    pub(super) fn resolve_if(&mut self, prepared_id: &str) {
        let Some(instance) = self.instances.get(prepared_id) else { return };
        if instance.node_type() != IF || self.branches.taken(prepared_id).is_some() {
            return;
        }
        let edges = instance.inputs.iter().filter(|edge| edge.destination.field == CONDITION);
        let condition = match edges.map(|edge| self.value(edge)).next_back() {
            None => instance.node.get(CONDITION).cloned().unwrap_or_default(),
            Some(Some(value)) => value,
            Some(None) => return,
        };
        let branch = self.branches.take(prepared_id, is_true(&condition));
        let waiting = self.waiting_ancestors(prepared_id);
        if let Some(instance) = self.instances.get_mut(prepared_id) {
            instance.node.insert(CONDITION.to_owned(), condition);
        }
        self.cut(prepared_id, branch.other());
        for id in waiting {
            self.settle(&id);
        }
    }

    /// Removes the edges of the branch that was not taken.
    fn cut(&mut self, prepared_id: &str, branch: Branch) {
        let Some(instance) = self.instances.get_mut(prepared_id) else { return };
        let (gone, kept) = std::mem::take(&mut instance.inputs)
            .into_iter()
            .partition(|edge| edge.destination.field == branch.field());
        instance.inputs = kept;
        for edge in gone {
            let Some(source) = self.instances.get_mut(&edge.source.node_id) else { continue };
            source.outputs.retain(|output| *output != edge);
            let was_missing = !source.is_done();
            if let Some(instance) = self.instances.get_mut(prepared_id) {
                instance.missing = instance.missing.saturating_sub(usize::from(was_missing));
            }
        }
    }

    /// The prepared nodes before an `if` that wait for it, in the order in which they were prepared.
    fn waiting_ancestors(&self, prepared_id: &str) -> Vec<String> {
        let Some(instance) = self.instances.get(prepared_id) else { return Vec::new() };
        let waits = |id: &&str| {
            self.instances
                .get(*id)
                .is_some_and(|other| self.branches.waits_for_one(&other.source_id, &instance.source_id))
        };
        let mut found = HashSet::new();
        let mut open: Vec<&Instance> = vec![instance];
        while let Some(next) = open.pop() {
            for parent in next.inputs.iter().map(|edge| edge.source.node_id.as_str()).filter(waits) {
                if found.insert(parent) {
                    open.extend(self.instances.get(parent));
                }
            }
        }
        let mut waiting: Vec<&str> = found.into_iter().collect();
        waiting.sort_by_key(|id| self.instances.get_index_of(*id));
        waiting.into_iter().map(str::to_owned).collect()
    }

    /// Looks at all that waits for an `if` of the graph, once that is prepared as often as it runs.
    pub(super) fn settle_branches_of(&mut self, if_id: &str) {
        for id in self.prepared_ids(if_id) {
            self.resolve_if(&id);
            self.enqueue_if_ready(&id);
        }
        let waits =
            |(_, instance): &(&String, &Instance)| self.branches.waits_for_one(&instance.source_id, if_id);
        let waiting: Vec<String> = self.instances.iter().filter(waits).map(|(id, _)| id.clone()).collect();
        for id in waiting {
            self.settle(&id);
        }
    }

    fn settle(&mut self, prepared_id: &str) {
        let Some(instance) = self.instances.get(prepared_id).filter(|instance| !instance.is_done()) else {
            return;
        };
        let ifs = self.branches.waits_for(&instance.source_id).iter();
        if ifs.into_iter().any(|if_id| self.verdict(instance, if_id) == Verdict::NotNeeded) {
            self.skip(prepared_id);
        } else {
            self.enqueue_if_ready(prepared_id);
        }
    }

    fn skip(&mut self, prepared_id: &str) {
        let Some(instance) = self.instances.get_mut(prepared_id) else { return };
        instance.state = State::Skipped;
        let source_id = instance.source_id.clone();
        let node_type = self.graph.node_type(&source_id).to_owned();
        self.ready.remove(&node_type, prepared_id);
        self.note_if_all_executed(&source_id);
    }
}

/// Truth as upstream's clients may write it.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            matches!(text.to_ascii_lowercase().as_str(), "true" | "t" | "yes" | "y" | "on" | "1")
        }
        _ => false,
    }
}
