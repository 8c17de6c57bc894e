//! `integer_generator`: integers for a batch.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::batch_group;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// The client's settings, which only it reads.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct IntegerGeneratorField {}

/// What the client made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct IntegerGeneratorOutput {
    /// The integers.
    integers: Vec<i64>,
}

impl InvocationOutput for IntegerGeneratorOutput {
    const TYPE: &'static str = "integer_generator_output";
    const SCHEMA_NAME: &'static str = "IntegerGeneratorOutput";
}

/// Makes integers for a batch. What is set here goes into the batch when the client enqueues it; the node itself never runs.
#[expect(dead_code, reason = "clients read these fields, the node never runs")]
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct IntegerGenerator {
    /// How the client makes them.
    #[schemars(extend("title" = "Generator Type", "input" = "direct"))]
    generator: IntegerGeneratorField,
}

impl Invocation for IntegerGenerator {
    const TYPE: &'static str = "integer_generator";
    const SCHEMA_NAME: &'static str = "IntegerGenerator";
    const TITLE: &'static str = "Integer Generator";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "special";
    type Output = IntegerGeneratorOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerGeneratorOutput, InvocationError> {
        Err(batch_group::not_executable())
    }
}
