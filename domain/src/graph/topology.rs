//! What depends on what in a graph, worked out once.
use super::{COLLECT, Graph, ITEM, ITERATE};
use indexmap::{IndexMap, IndexSet};
use std::collections::{HashMap, HashSet};

/// The dependencies of a graph without cycles.
#[derive(Debug, Clone, Default)]
pub struct Topology {
    order: Vec<String>,
    parents: Parents,
    ancestors: HashMap<String, HashSet<String>>,
    iterators: HashMap<String, Vec<String>>,
}

impl Topology {
    /// Works out the dependencies; `None` if the graph has a cycle or an edge without a node.
    pub fn of(graph: &Graph) -> Option<Self> {
        let parents = parents(graph)?;
        let order = sort(&parents)?;
        let ancestors = ancestors(&order, &parents);
        let iterators = iterators(graph, &order);
        Some(Self { order, parents, ancestors, iterators })
    }

    /// All nodes, each behind those that it depends on.
    pub fn order(&self) -> &[String] {
        &self.order
    }

    /// The nodes that feed a node directly, each once.
    pub fn parents(&self, node_id: &str) -> impl Iterator<Item = &String> {
        self.parents.get(node_id).into_iter().flatten()
    }

    /// Whether `ancestor` feeds `node_id` directly or through others.
    pub fn depends(&self, node_id: &str, ancestor: &str) -> bool {
        self.ancestors.get(node_id).is_some_and(|before| before.contains(ancestor))
    }

    /// All nodes that a node depends on.
    pub fn ancestors(&self, node_id: &str) -> impl Iterator<Item = &String> {
        self.ancestors.get(node_id).into_iter().flatten()
    }

    /// The iterators whose items a node is run for, in the order of the graph: outer ones first, an iterator itself
    /// last. A collector closes the last one of each item that it takes.
    pub fn iterators(&self, node_id: &str) -> &[String] {
        self.iterators.get(node_id).map_or(&[], Vec::as_slice)
    }
}

/// The nodes that feed each node directly.
type Parents = IndexMap<String, IndexSet<String>>;

fn parents(graph: &Graph) -> Option<Parents> {
    let mut parents: Parents = graph.nodes.keys().map(|node_id| (node_id.clone(), IndexSet::new())).collect();
    for edge in &graph.edges {
        if !parents.contains_key(&edge.source.node_id) {
            return None;
        }
        parents.get_mut(&edge.destination.node_id)?.insert(edge.source.node_id.clone());
    }
    Some(parents)
}

/// Level by level: first what depends on nothing, then what that frees, each level in the order of the nodes.
fn sort(parents: &Parents) -> Option<Vec<String>> {
    let mut missing: IndexMap<&str, usize> =
        parents.iter().map(|(id, own)| (id.as_str(), own.len())).collect();
    let mut children: HashMap<&str, Vec<&str>> = HashMap::new();
    for (node_id, own) in parents {
        for parent in own {
            children.entry(parent).or_default().push(node_id);
        }
    }
    let mut order: Vec<&str> = missing.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    let mut next = 0;
    while let Some(node_id) = order.get(next).copied() {
        next += 1;
        for child in children.get(node_id).into_iter().flatten() {
            if let Some(count) = missing.get_mut(child) {
                *count -= 1;
                if *count == 0 {
                    order.push(child);
                }
            }
        }
    }
    (order.len() == parents.len()).then(|| order.into_iter().map(str::to_owned).collect())
}

fn ancestors(order: &[String], parents: &Parents) -> HashMap<String, HashSet<String>> {
    let mut ancestors: HashMap<String, HashSet<String>> = HashMap::new();
    for node_id in order {
        let mut own = HashSet::new();
        for parent in parents.get(node_id).into_iter().flatten() {
            own.extend(ancestors.get(parent).into_iter().flatten().cloned());
            own.insert(parent.clone());
        }
        ancestors.insert(node_id.clone(), own);
    }
    ancestors
}

fn iterators(graph: &Graph, order: &[String]) -> HashMap<String, Vec<String>> {
    let mut iterators: HashMap<String, Vec<String>> = HashMap::new();
    for node_id in order {
        let mut own: HashSet<&String> = HashSet::new();
        for edge in graph.inputs(node_id) {
            let outer = iterators.get(&edge.source.node_id).map_or(&[][..], Vec::as_slice);
            let closes = graph.node_type(node_id) == COLLECT && edge.destination.field == ITEM;
            own.extend(&outer[..outer.len().saturating_sub(usize::from(closes))]);
        }
        if graph.node_type(node_id) == ITERATE {
            own.insert(node_id);
        }
        let in_order = order.iter().filter(|other| own.contains(other)).cloned().collect();
        iterators.insert(node_id.clone(), in_order);
    }
    iterators
}
