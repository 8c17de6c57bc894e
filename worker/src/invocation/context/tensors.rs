//! The tensors that nodes of one session hand to each other.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::ArrayD;
use serde_json::Value;

/// Tensors by name. They go with the session, unless the invocation cache holds on to some.
#[derive(Debug, Default)]
pub(crate) struct Tensors {
    named: Mutex<HashMap<String, Arc<ArrayD<f32>>>>,
}

impl Tensors {
    /// The tensor of this name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<ArrayD<f32>>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Keeps a tensor under a fresh name that starts with `kind`.
    pub(crate) fn insert(&self, kind: &str, tensor: ArrayD<f32>) -> String {
        let name = format!("{kind}_{}", uuid::Uuid::new_v4());
        self.named.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), Arc::new(tensor));
        name
    }

    /// Those tensors that an output names anywhere.
    pub(crate) fn named_in(&self, output: &Value) -> Vec<(String, Arc<ArrayD<f32>>)> {
        let named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        let mut rest = vec![output];
        while let Some(value) = rest.pop() {
            match value {
                Value::String(text) => {
                    found.extend(named.get(text).map(|tensor| (text.clone(), tensor.clone())))
                }
                Value::Array(values) => rest.extend(values),
                Value::Object(fields) => rest.extend(fields.values()),
                _ => {}
            }
        }
        found
    }

    /// Takes over tensors of another session.
    pub(crate) fn adopt(&self, tensors: &[(String, Arc<ArrayD<f32>>)]) {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).extend(tensors.iter().cloned());
    }
}
