//! `integer_batch`: the whole graph once for each of several integers.
use schemars::JsonSchema;
use serde::Deserialize;

use super::batch_group::{self, BatchGroup};
use crate::invocation::outputs::IntegerOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Runs the whole graph once for each of these integers. What is set here goes into the batch when the client enqueues it; the node itself never runs.
#[expect(dead_code, reason = "clients read these fields, the node never runs")]
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct IntegerBatch {
    /// Batches of one group go in step.
    #[serde(default)]
    #[schemars(extend("title" = "Batch Group", "input" = "direct"))]
    batch_group_id: BatchGroup,
    /// The integers.
    #[schemars(length(min = 1))]
    integers: Vec<i64>,
}

impl Invocation for IntegerBatch {
    const TYPE: &'static str = "integer_batch";
    const SCHEMA_NAME: &'static str = "IntegerBatchInvocation";
    const TITLE: &'static str = "Integer Batch";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "special";
    type Output = IntegerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerOutput, InvocationError> {
        Err(batch_group::not_executable())
    }
}
