//! What a node type looks like to clients (`/openapi.json`) and to the validation of graphs.
use serde_json::Value;

/// The description of one node type, derived by the worker from the node's own struct.
#[derive(Debug, Clone)]
pub struct NodeSchema {
    /// The node's `type`, e.g. `denoise_latents`.
    pub node_type: &'static str,
    /// The schema's name in `components.schemas`, e.g. `DenoiseLatentsInvocation`.
    pub name: &'static str,
    /// The JSON schema of the inputs with `class`, `category`, `version`, … as clients expect them.
    pub input: Value,
    /// The output's schema name, e.g. `LatentsOutput`.
    pub output_name: &'static str,
    /// The JSON schema of the output.
    pub output: Value,
    /// Other schemas that `input` and `output` refer to, by name.
    pub definitions: Vec<(String, Value)>,
}
