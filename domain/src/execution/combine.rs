//! Which prepared inputs belong together: those of the same items.
//!
//! A node runs once for every way to choose one item of each iterator that it depends on, where an inner iterator has
//! its own items for each outer one. Each of its inputs then comes from the one prepared node with these items, and a
//! collector takes all prepared nodes that have its items and any of those that it closes.
use super::Execution;
use super::instance::{Path, State};
use super::prepare::Combination;
use crate::graph::{Edge, ITERATE};
use std::collections::HashMap;

impl Execution {
    /// The inputs of a node for each time that it runs.
    pub(super) fn combined_inputs(&self, source_id: &str) -> Vec<Combination> {
        let iterators = self.topology.iterators(source_id);
        let closed = usize::from(self.graph.node_type(source_id) == ITERATE);
        let iterators = &iterators[..iterators.len() - closed];
        let edges: Vec<(&Edge, Vec<usize>)> = self
            .graph
            .inputs(source_id)
            .map(|edge| (edge, places(iterators, self.topology.iterators(&edge.source.node_id))))
            .collect();
        let combine = |path: Path| {
            let input = |(edge, places): &(&Edge, Vec<usize>)| {
                let own: Path = places.iter().map(|place| path[*place]).collect();
                Some(((*edge).clone(), self.prepared_at(&edge.source.node_id, &own)?.to_owned()))
            };
            let inputs = edges.iter().map(input).collect::<Option<Vec<_>>>()?;
            Some(Combination { path, inputs })
        };
        self.choices(iterators).into_iter().filter_map(combine).collect()
    }

    /// The inputs of each of a collector's lists. An iterator over nothing still gives an empty list.
    pub(super) fn collector_inputs(&self, source_id: &str) -> Vec<Combination> {
        let iterators = self.topology.iterators(source_id);
        let mut combinations: Vec<Combination> = self
            .choices(iterators)
            .into_iter()
            .map(|path| Combination { path, inputs: Vec::new() })
            .collect();
        for edge in self.graph.inputs(source_id) {
            let own = self.topology.iterators(&edge.source.node_id);
            let shared: Vec<String> =
                iterators.iter().filter(|iterator| own.contains(iterator)).cloned().collect();
            let (here, there) = (places(iterators, &shared), places(own, &shared));
            let mut by_items: HashMap<Path, Vec<&str>> = HashMap::new();
            for (path, id) in self.prepared_in_order(&edge.source.node_id) {
                by_items.entry(there.iter().map(|place| path[*place]).collect()).or_default().push(id);
            }
            for combination in &mut combinations {
                let items: Path = here.iter().map(|place| combination.path[*place]).collect();
                let ids = by_items.get(&items).into_iter().flatten();
                combination.inputs.extend(ids.map(|id| (edge.clone(), (*id).to_owned())));
            }
        }
        combinations
    }

    /// All ways to choose one item of each iterator, in the order of the items, the last iterator changing fastest.
    fn choices(&self, iterators: &[String]) -> Vec<Path> {
        let mut choices = vec![Path::new()];
        for (count, iterator) in iterators.iter().enumerate() {
            let outer = self.topology.iterators(iterator);
            let places = places(&iterators[..count], &outer[..outer.len() - 1]);
            let mut items: HashMap<&[usize], Vec<usize>> = HashMap::new();
            for (path, _) in self.prepared_in_order(iterator) {
                if let Some((index, outer)) = path.split_last() {
                    items.entry(outer).or_default().push(*index);
                }
            }
            let longer = |choice: Path| {
                let outer: Path = places.iter().map(|place| choice[*place]).collect();
                let items = items.get(outer.as_slice()).into_iter().flatten();
                items.map(|index| choice.iter().copied().chain([*index]).collect()).collect::<Vec<Path>>()
            };
            choices = choices.into_iter().flat_map(longer).collect();
        }
        choices
    }

    fn prepared_at(&self, source_id: &str, path: &Path) -> Option<&str> {
        let id = self.prepared.get(source_id)?.get(path)?;
        self.is_used(id).then_some(id)
    }

    /// A node's prepared nodes that were not passed over, in the order of their items.
    fn prepared_in_order(&self, source_id: &str) -> impl Iterator<Item = (&Path, &str)> {
        let all = self.prepared.get(source_id).into_iter().flatten();
        all.filter(|(_, id)| self.is_used(id)).map(|(path, id)| (path, id.as_str()))
    }

    fn is_used(&self, prepared_id: &str) -> bool {
        self.instances.get(prepared_id).is_some_and(|instance| instance.state != State::Skipped)
    }
}

/// Where in `all` each of `some` is.
fn places(all: &[String], some: &[String]) -> Vec<usize> {
    some.iter().filter_map(|one| all.iter().position(|other| other == one)).collect()
}
