//! `string_batch`: the whole graph once for each of several texts.
use schemars::JsonSchema;
use serde::Deserialize;

use super::batch_group::{self, BatchGroup};
use crate::invocation::outputs::StringOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Runs the whole graph once for each of these texts. What is set here goes into the batch when the client enqueues it; the node itself never runs.
#[expect(dead_code, reason = "clients read these fields, the node never runs")]
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct StringBatch {
    /// Batches of one group go in step.
    #[serde(default)]
    #[schemars(extend("title" = "Batch Group", "input" = "direct"))]
    batch_group_id: BatchGroup,
    /// The texts.
    #[schemars(length(min = 1))]
    strings: Vec<String>,
}

impl Invocation for StringBatch {
    const TYPE: &'static str = "string_batch";
    const SCHEMA_NAME: &'static str = "StringBatchInvocation";
    const TITLE: &'static str = "String Batch";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "special";
    type Output = StringOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringOutput, InvocationError> {
        Err(batch_group::not_executable())
    }
}
