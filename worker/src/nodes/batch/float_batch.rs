//! `float_batch`: the whole graph once for each of several numbers.
use schemars::JsonSchema;
use serde::Deserialize;

use super::batch_group::{self, BatchGroup};
use crate::invocation::outputs::FloatOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Runs the whole graph once for each of these numbers. What is set here goes into the batch when the client enqueues it; the node itself never runs.
#[expect(dead_code, reason = "clients read these fields, the node never runs")]
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct FloatBatch {
    /// Batches of one group go in step.
    #[serde(default)]
    #[schemars(extend("title" = "Batch Group", "input" = "direct"))]
    batch_group_id: BatchGroup,
    /// The numbers.
    #[schemars(length(min = 1))]
    floats: Vec<f64>,
}

impl Invocation for FloatBatch {
    const TYPE: &'static str = "float_batch";
    const SCHEMA_NAME: &'static str = "FloatBatchInvocation";
    const TITLE: &'static str = "Float Batch";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "special";
    type Output = FloatOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatOutput, InvocationError> {
        Err(batch_group::not_executable())
    }
}
