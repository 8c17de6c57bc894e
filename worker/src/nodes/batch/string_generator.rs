//! `string_generator`: texts for a batch.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::batch_group;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// The client's settings, which only it reads.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct StringGeneratorField {}

/// What the client made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StringGeneratorOutput {
    /// The texts.
    strings: Vec<String>,
}

impl InvocationOutput for StringGeneratorOutput {
    const TYPE: &'static str = "string_generator_output";
    const SCHEMA_NAME: &'static str = "StringGeneratorOutput";
}

/// Makes texts for a batch. What is set here goes into the batch when the client enqueues it; the node itself never runs.
#[expect(dead_code, reason = "clients read these fields, the node never runs")]
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct StringGenerator {
    /// How the client makes them.
    #[schemars(extend("title" = "Generator Type", "input" = "direct"))]
    generator: StringGeneratorField,
}

impl Invocation for StringGenerator {
    const TYPE: &'static str = "string_generator";
    const SCHEMA_NAME: &'static str = "StringGenerator";
    const TITLE: &'static str = "String Generator";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "special";
    type Output = StringGeneratorOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringGeneratorOutput, InvocationError> {
        Err(batch_group::not_executable())
    }
}
