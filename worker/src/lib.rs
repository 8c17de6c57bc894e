//! Claims items of the queue and executes their node graphs with ONNX Runtime.
//!
//! - [`invocation`]: the node trait, its context, the registry
//! - [`nodes`]: one file a node
//! - [`runner`]: claim, heartbeat, cancel, events
//! - [`onnx`]: our own graphs over the weights where they lie
//! - [`weights`]: safetensors files, key layouts, LoRA
//! - [`inference`]: sessions of text encoder, UNet and VAE; the model cache
//! - [`metrics`]: what Prometheus scrapes
//! - [`schedulers`]: the samplers, [`random`]: torch's generator, [`prompt`]: compel's syntax
pub mod inference;
pub mod invocation;
pub mod metrics;
pub mod nodes;
pub mod onnx;
pub mod prompt;
pub mod random;
pub mod runner;
pub mod schedulers;
pub mod weights;

pub use nodes::schemas as node_schemas;
