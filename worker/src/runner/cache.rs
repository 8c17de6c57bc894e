//! Outputs of nodes that are kept for the next session that asks for the same (upstream's invocation cache).
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use ndarray::ArrayD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::caches::NodeCacheNumbers;

/// What a node was asked, and by whom: what one person made is never handed to another.
pub(super) type Key = [u8; 32];

/// An output, with the tensors that it names.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) output: Value,
    pub(super) tensors: Vec<(String, Arc<ArrayD<f32>>)>,
}

/// The cache of a worker: the least recently used goes first.
#[derive(Debug)]
pub(crate) struct InvocationCache {
    size: usize,
    /// The least recently used comes first.
    kept: Mutex<IndexMap<Key, Kept>>,
    disabled: AtomicBool,
    hits: AtomicI64,
    misses: AtomicI64,
}

impl InvocationCache {
    /// A cache of `size` outputs.
    pub(crate) fn new(size: usize) -> Self {
        Self {
            size,
            kept: Mutex::default(),
            disabled: AtomicBool::new(false),
            hits: AtomicI64::new(0),
            misses: AtomicI64::new(0),
        }
    }

    /// Whether outputs are kept and used. What is kept stays while it is not.
    pub(super) fn set_enabled(&self, enabled: bool) {
        self.disabled.store(!enabled, Ordering::Relaxed);
    }

    fn is_off(&self) -> bool {
        self.size == 0 || self.disabled.load(Ordering::Relaxed)
    }

    /// Forgets everything, and how often something was found.
    pub(super) fn clear(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.hits.store(0, Ordering::Relaxed);
        self.misses.store(0, Ordering::Relaxed);
    }

    /// What it holds.
    pub(super) fn numbers(&self) -> NodeCacheNumbers {
        NodeCacheNumbers {
            entries: self.kept.lock().unwrap_or_else(PoisonError::into_inner).len() as i64,
            max_entries: self.size as i64,
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }

    /// The key of a node's inputs: all that it has but its id.
    pub(super) fn key(user_id: &str, node: &Map<String, Value>) -> Key {
        let mut fields: Vec<_> = node.iter().filter(|(name, _)| *name != "id").collect();
        fields.sort_by_key(|(name, _)| *name);
        let mut digest = Sha256::new();
        digest.update(user_id);
        for (name, value) in fields {
            digest.update([0]);
            digest.update(name);
            digest.update([0]);
            digest.update(value.to_string());
        }
        digest.finalize().into()
    }

    /// The output that is kept under a key.
    pub(super) fn get(&self, key: &Key) -> Option<Kept> {
        if self.is_off() {
            return None;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = kept.shift_remove(key) else {
            self.misses.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        self.hits.fetch_add(1, Ordering::Relaxed);
        kept.insert(*key, found.clone());
        Some(found)
    }

    /// Keeps an output.
    pub(super) fn put(&self, key: Key, output: Kept) {
        if self.is_off() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(key, output);
        while kept.len() > self.size {
            kept.shift_remove_index(0);
        }
    }

    /// Forgets an output, e.g. when an image in it is gone.
    pub(super) fn forget(&self, key: &Key) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).shift_remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kept(output: Value) -> Kept {
        Kept { output, tensors: vec![] }
    }

    fn key(user_id: &str, node: Value) -> Key {
        InvocationCache::key(user_id, node.as_object().unwrap())
    }

    #[test]
    fn the_same_question_of_the_same_person_has_the_same_key_whatever_the_id() {
        let node = json!({ "id": "1", "type": "noise", "seed": 1 });
        assert_eq!(key("anna", node.clone()), key("anna", json!({ "seed": 1, "id": "2", "type": "noise" })));
        assert_ne!(key("anna", node.clone()), key("ben", node.clone()));
        assert_ne!(key("anna", node), key("anna", json!({ "id": "1", "type": "noise", "seed": 2 })));
    }

    #[test]
    fn a_cache_that_is_off_answers_nothing_and_counts_nothing() {
        let cache = InvocationCache::new(2);
        let one = key("anna", json!({ "seed": 1 }));
        cache.put(one, kept(json!(1)));
        cache.set_enabled(false);
        assert!(cache.get(&one).is_none());
        cache.set_enabled(true);
        assert!(cache.get(&one).is_some());
        let numbers = cache.numbers();
        assert_eq!((numbers.entries, numbers.hits, numbers.misses), (1, 1, 0));
        cache.clear();
        assert_eq!(cache.numbers(), NodeCacheNumbers { max_entries: 2, ..NodeCacheNumbers::default() });
    }

    #[test]
    fn the_least_recently_used_output_goes_first() {
        let cache = InvocationCache::new(2);
        let keys = [1, 2, 3].map(|seed| key("anna", json!({ "seed": seed })));
        cache.put(keys[0], kept(json!(1)));
        cache.put(keys[1], kept(json!(2)));
        cache.get(&keys[0]);
        cache.put(keys[2], kept(json!(3)));
        assert!(cache.get(&keys[1]).is_none());
        assert_eq!(cache.get(&keys[0]).unwrap().output, json!(1));
    }
}
