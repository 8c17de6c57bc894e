//! The nodes of one item, on a thread of their own.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use domain::execution::{Execution, PreparedNode};
use serde_json::{Map, Value, json};
use store::queue::Outcome;
use tokio_util::sync::CancellationToken;

use super::cache::{InvocationCache, Kept, Key};
use super::reports::Report;
use super::surroundings::ItemSurroundings;
use crate::inference::Interrupt;
use crate::invocation::context::{InvocationContext, Node, Surroundings, Tensors};
use crate::invocation::{InvocationError, NodeType};
use crate::{metrics, nodes};

/// One item's execution.
pub(super) struct SessionRun {
    pub(super) surroundings: Arc<ItemSurroundings>,
    pub(super) tensors: Arc<Tensors>,
    pub(super) stopped: CancellationToken,
    /// Triggered when the item is stopped.
    pub(super) interrupt: Interrupt,
}

/// What went wrong, in the form in which items carry it.
struct Failure {
    kind: String,
    message: String,
    traceback: String,
}

impl SessionRun {
    /// Runs nodes until none is left, one fails, or the item is stopped.
    pub(super) fn run(self) -> Outcome {
        let session = self.surroundings.item.session.clone();
        let mut execution = match Execution::from_session(session.clone()) {
            Ok(execution) => execution.with_class_names(nodes::class_names()),
            Err(error) => return Failure::of_session(&error.to_string()).outcome(session),
        };
        while !self.stopped.is_cancelled() {
            let node = match execution.next_node() {
                Ok(Some(node)) => node,
                Ok(None) => return Outcome::Completed { session: execution.to_session() },
                Err(error) => return Failure::of_session(&error.to_string()).outcome(execution.to_session()),
            };
            match self.run_node(&node) {
                Ok(output) => execution.complete(&node.id, output),
                Err(InvocationError::Canceled) => break,
                // A stop shows itself in many ways, e.g. a computation that was broken off.
                Err(_) if self.stopped.is_cancelled() => break,
                Err(error) => {
                    let failure = Failure::of_node(&node, &error);
                    execution.record_error(&node.id, failure.traceback.clone());
                    self.report(
                        "invocation_error",
                        &node,
                        json!({
                            "error_type": failure.kind,
                            "error_message": failure.message,
                            "error_traceback": failure.traceback,
                        }),
                    );
                    return failure.outcome(execution.to_session());
                }
            }
        }
        Outcome::Canceled { session: execution.to_session() }
    }

    fn run_node(&self, node: &PreparedNode) -> Result<Value, InvocationError> {
        let about = json!({ "invocation": node.node, "invocation_source_id": node.source_id });
        *self.surroundings.invocation.lock().unwrap_or_else(PoisonError::into_inner) = about;
        self.report("invocation_started", node, json!({}));
        let name = node.node.get("type").and_then(Value::as_str).unwrap_or_default();
        let node_type = nodes::find(name)
            .ok_or_else(|| InvocationError::BadInput(format!("Nodes of type {name:?} do not run here")))?;
        let began = Instant::now();
        let output = self.output_of(node_type, node);
        metrics::observe_node(node_type.node_type, began.elapsed(), output.is_ok());
        let output = output?;
        self.report("invocation_complete", node, json!({ "result": output }));
        Ok(output)
    }

    /// From the cache if it may be, else from the node.
    fn output_of(&self, node_type: &NodeType, node: &PreparedNode) -> Result<Value, InvocationError> {
        let flag = |name: &str| node.node.get(name).and_then(Value::as_bool);
        if !flag("use_cache").unwrap_or(node_type.use_cache) {
            return self.invoke(node_type, node);
        }
        let cache = &self.surroundings.worker.cache;
        let key = InvocationCache::key(&self.surroundings.item.user_id, &node.node);
        if let Some(kept) = self.usable(&key)? {
            self.tensors.adopt(&kept.tensors);
            return Ok(kept.output);
        }
        let output = self.invoke(node_type, node)?;
        cache.put(key, Kept { tensors: self.tensors.named_in(&output), output: output.clone() });
        Ok(output)
    }

    /// A kept output, unless an image in it is gone or no longer the owner's to see.
    fn usable(&self, key: &Key) -> Result<Option<Kept>, InvocationError> {
        let cache = &self.surroundings.worker.cache;
        let Some(kept) = cache.get(key) else { return Ok(None) };
        for name in images_in(&kept.output) {
            match self.surroundings.image_size(&name) {
                Ok(_) => {}
                Err(InvocationError::NotFound(_) | InvocationError::Forbidden(_)) => {
                    cache.forget(key);
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Some(kept))
    }

    fn invoke(&self, node_type: &NodeType, node: &PreparedNode) -> Result<Value, InvocationError> {
        let surroundings: Arc<dyn Surroundings> = self.surroundings.clone();
        let is_intermediate = node.node.get("is_intermediate").and_then(Value::as_bool).unwrap_or_default();
        let context = InvocationContext {
            surroundings,
            models: self.surroundings.worker.models.clone(),
            tensors: self.tensors.clone(),
            canceled: self.stopped.clone(),
            node: Node { id: node.id.clone(), is_intermediate },
        };
        // A node that panics takes neither the worker nor the session's record with it.
        let inputs = Value::Object(without_flags(&node.node));
        let run = || self.interrupt.covering(|| (node_type.run)(inputs, &context));
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            Err(InvocationError::Internal(format!("the node panicked: {}", text_of(&*panic))))
        })
    }

    fn report(&self, event: &'static str, node: &PreparedNode, more: Value) {
        let mut payload = json!({ "invocation": node.node, "invocation_source_id": node.source_id });
        if let (Some(payload), Value::Object(more)) = (payload.as_object_mut(), more) {
            payload.extend(more);
        }
        self.surroundings.reports.send(Report::Event(event, payload)).ok();
    }
}

impl Failure {
    fn of_session(message: &str) -> Self {
        let kind = "NodeInputError".to_owned();
        Self { traceback: format!("{kind}: {message}"), kind, message: message.to_owned() }
    }

    fn of_node(node: &PreparedNode, error: &InvocationError) -> Self {
        let kind = error.type_name().to_owned();
        let message = error.to_string();
        let mut traceback = String::from("Traceback (most recent call last):\n");
        let name = node.node.get("type").and_then(Value::as_str).unwrap_or("?");
        traceback.push_str(&format!("  node {} ({name}), prepared as {}\n", node.source_id, node.id));
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            traceback.push_str(&format!("  caused by: {error}\n"));
            cause = error.source();
        }
        traceback.push_str(&format!("{kind}: {message}"));
        Self { kind, message, traceback }
    }

    fn outcome(self, session: Value) -> Outcome {
        Outcome::Failed {
            session,
            error_type: self.kind,
            error_message: self.message,
            error_traceback: self.traceback,
        }
    }
}

/// The inputs alone: flags are not among a node's fields.
fn without_flags(node: &Map<String, Value>) -> Map<String, Value> {
    let flags = ["id", "type", "is_intermediate", "use_cache"];
    node.iter()
        .filter(|(name, _)| !flags.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The names of images anywhere in an output.
fn images_in(output: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = vec![output];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("image_name").and_then(Value::as_str).map(str::to_owned));
                rest.extend(fields.values());
            }
            Value::Array(values) => rest.extend(values),
            _ => {}
        }
    }
    found
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given")
}
