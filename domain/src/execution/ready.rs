//! The order in which prepared nodes run: all that are ready of one class, then of the next by name.
use super::instance::Path;
use std::collections::{HashMap, VecDeque};

/// The prepared nodes that are ready. Nodes of one class go by their place in the iterations, then as they came.
#[derive(Debug, Default)]
pub(super) struct ReadyNodes {
    by_type: HashMap<String, VecDeque<(Path, String)>>,
    /// The type whose nodes go first until none is left.
    active: Option<String>,
    class_names: HashMap<&'static str, &'static str>,
}

impl ReadyNodes {
    pub(super) fn push(&mut self, node_type: &str, prepared_id: &str, path: &Path) {
        let queue = self.by_type.entry(node_type.to_owned()).or_default();
        let place = queue.partition_point(|(other, _)| other <= path);
        queue.insert(place, (path.clone(), prepared_id.to_owned()));
    }

    pub(super) fn pop(&mut self) -> Option<String> {
        let has_more =
            |node_type: &String| self.by_type.get(node_type).is_some_and(|queue| !queue.is_empty());
        if !self.active.as_ref().is_some_and(has_more) {
            let waiting = self.by_type.keys().filter(|node_type| has_more(node_type));
            self.active = waiting.min_by_key(|node_type| self.class_name(node_type)).cloned();
        }
        let queue = self.by_type.get_mut(self.active.as_ref()?)?;
        queue.pop_front().map(|(_, prepared_id)| prepared_id)
    }

    pub(super) fn remove(&mut self, node_type: &str, prepared_id: &str) {
        if let Some(queue) = self.by_type.get_mut(node_type) {
            queue.retain(|(_, other)| other != prepared_id);
        }
    }

    pub(super) fn name_classes(&mut self, names: &HashMap<&'static str, &'static str>) {
        self.class_names.clone_from(names);
    }

    fn class_name(&self, node_type: &str) -> String {
        self.class_names.get(node_type).map_or_else(|| made_up_name(node_type), |name| (*name).to_owned())
    }
}

/// `range_of_size` becomes `RangeOfSizeInvocation`.
fn made_up_name(node_type: &str) -> String {
    let words = node_type.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<String>() + "Invocation"
}
