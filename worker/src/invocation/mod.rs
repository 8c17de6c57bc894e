//! The node trait, what a node sees of the world, and the list entries of the registry.
//!
//! - [`Invocation`], [`InvocationOutput`]: one struct a node, one an output; schemas derive from them
//! - [`context`]: images, tensors, models, progress and cancellation
//! - [`fields`]: the field types that nodes share
//! - [`inputs`]: the values of inputs as the node's struct takes them
//! - [`outputs`]: the outputs that nodes share
//! - [`schema`]: schemas in the form that the stock UI parses
pub mod context;
pub mod fields;
mod inputs;
pub mod outputs;
pub mod schema;

pub use context::InvocationContext;

use crate::inference::InferenceError;
use domain::node_schema::NodeSchema;
use schema::Description;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What a node gives.
pub trait InvocationOutput: Serialize + JsonSchema {
    /// The output's `type`, e.g. `latents_output`.
    const TYPE: &'static str;
    /// The schema's name, e.g. `LatentsOutput`.
    const SCHEMA_NAME: &'static str;
}

/// A node: its fields are its inputs. `id`, `type`, `is_intermediate` and `use_cache` are not among them.
pub trait Invocation: DeserializeOwned + JsonSchema + Send + 'static {
    /// The node's `type`, e.g. `denoise_latents`.
    const TYPE: &'static str;
    /// The schema's name, e.g. `DenoiseLatentsInvocation`.
    const SCHEMA_NAME: &'static str;
    /// What people read on the node.
    const TITLE: &'static str;
    /// The node's category in the workflow editor.
    const CATEGORY: &'static str;
    /// The node's version, as upstream counts it.
    const VERSION: &'static str;
    /// How far along upstream counts the node, e.g. `beta`.
    const CLASSIFICATION: &'static str = "stable";
    /// Whether the same inputs give the same output, so that it may be cached.
    const USE_CACHE: bool = true;
    /// What it gives.
    type Output: InvocationOutput;

    /// Runs on a blocking thread.
    ///
    /// # Errors
    /// An [`InvocationError`], which becomes the item's error.
    fn invoke(self, context: &InvocationContext) -> Result<Self::Output, InvocationError>;
}

/// Why a node did not give its output. The name of the variant is the item's `error_type`.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// The item was cancelled, or its lease lost.
    #[error("canceled")]
    Canceled,
    /// An input has a value that the node cannot use.
    #[error("{0}")]
    BadInput(String),
    /// An input has a value of another type or beyond its bounds.
    #[error("{0}")]
    InvalidInput(String),
    /// An input that needs a value has none.
    #[error("Node {node} missing value or connection for field {field}")]
    MissingInput {
        /// The node's type.
        node: &'static str,
        /// The input.
        field: String,
    },
    /// An input that only an edge can fill has none.
    #[error("Node {node} missing connections for field {field}")]
    MissingConnection {
        /// The node's type.
        node: &'static str,
        /// The input.
        field: String,
    },
    /// Something that an input names does not exist (any more).
    #[error("{0}")]
    NotFound(String),
    /// The item's owner may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// A model or ONNX Runtime.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The database or the image files.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An image that cannot be read or written.
    #[error(transparent)]
    Image(#[from] image::ImageError),
    /// Something of ours broke.
    #[error("{0}")]
    Internal(String),
}

impl InvocationError {
    /// The item's `error_type`, in the names that upstream's clients know.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Canceled => "CanceledException",
            Self::BadInput(_) => "ValueError",
            Self::InvalidInput(_) => "NodeInputError",
            Self::MissingInput { .. } => "MissingInputException",
            Self::MissingConnection { .. } => "RequiredConnectionException",
            Self::NotFound(_) => "NotFoundError",
            Self::Forbidden(_) => "PermissionError",
            Self::Inference(InferenceError::Interrupted) => "CanceledException",
            Self::Inference(InferenceError::DoesNotFit { .. }) => "OutOfMemoryError",
            Self::Inference(_) => "InferenceError",
            Self::Store(_) => "StoreError",
            Self::Image(_) => "ImageError",
            Self::Internal(_) => "RuntimeError",
        }
    }
}

/// One entry of the registry.
pub struct NodeType {
    /// The node's `type`.
    pub node_type: &'static str,
    /// The node's description for clients.
    pub schema: fn() -> NodeSchema,
    /// Runs the node with these inputs (a JSON object) and gives its output with `type`.
    pub run: fn(Value, &InvocationContext) -> Result<Value, InvocationError>,
    /// Whether it is cached unless the graph says otherwise.
    pub use_cache: bool,
}

/// The registry's entry of a node.
pub fn register<T: Invocation>() -> NodeType {
    NodeType {
        node_type: T::TYPE,
        schema: || Description::of::<T>().schema(),
        run: run::<T>,
        use_cache: T::USE_CACHE,
    }
}

fn run<T: Invocation>(inputs: Value, context: &InvocationContext) -> Result<Value, InvocationError> {
    let description = Description::of::<T>();
    let inputs = inputs::fitted(&description, inputs, context.node_id())?;
    let node: T = serde_json::from_value(inputs).map_err(|error| refused(&description, &error))?;
    finished(&description, serde_json::to_value(&node.invoke(context)?))
}

fn refused(node: &Description, error: &serde_json::Error) -> InvocationError {
    InvocationError::InvalidInput(format!("{}: {error}", node.title))
}

/// A node's output with its `type`.
fn finished(node: &Description, output: serde_json::Result<Value>) -> Result<Value, InvocationError> {
    let mut output = output.map_err(|error| InvocationError::Internal(error.to_string()))?;
    if let Value::Object(fields) = &mut output {
        fields.insert("type".into(), node.output_type.into());
    }
    Ok(output)
}
