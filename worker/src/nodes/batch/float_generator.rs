//! `float_generator`: numbers for a batch.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::batch_group;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// The client's settings, which only it reads.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct FloatGeneratorField {}

/// What the client made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FloatGeneratorOutput {
    /// The numbers.
    floats: Vec<f64>,
}

impl InvocationOutput for FloatGeneratorOutput {
    const TYPE: &'static str = "float_generator_output";
    const SCHEMA_NAME: &'static str = "FloatGeneratorOutput";
}

/// Makes numbers for a batch. What is set here goes into the batch when the client enqueues it; the node itself never runs.
#[expect(dead_code, reason = "clients read these fields, the node never runs")]
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct FloatGenerator {
    /// How the client makes them.
    #[schemars(extend("title" = "Generator Type", "input" = "direct"))]
    generator: FloatGeneratorField,
}

impl Invocation for FloatGenerator {
    const TYPE: &'static str = "float_generator";
    const SCHEMA_NAME: &'static str = "FloatGenerator";
    const TITLE: &'static str = "Float Generator";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "special";
    type Output = FloatGeneratorOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatGeneratorOutput, InvocationError> {
        Err(batch_group::not_executable())
    }
}
