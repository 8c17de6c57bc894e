//! `range_of_size`: so many integers in steps.
use schemars::JsonSchema;
use serde::Deserialize;

use super::steps;
use crate::invocation::outputs::IntegerCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// As many integers as wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct RangeOfSize {
    /// The first number.
    start: i64,
    /// How many.
    #[schemars(extend("exclusiveMinimum" = 0))]
    size: i64,
    /// From one number to the next.
    step: i64,
}

impl Default for RangeOfSize {
    fn default() -> Self {
        Self { start: 0, size: 1, step: 1 }
    }
}

impl Invocation for RangeOfSize {
    const TYPE: &'static str = "range_of_size";
    const SCHEMA_NAME: &'static str = "RangeOfSizeInvocation";
    const TITLE: &'static str = "Integer Range of Size";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    type Output = IntegerCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerCollectionOutput, InvocationError> {
        if self.size <= 0 {
            return Err(InvocationError::BadInput("size must be greater than 0".into()));
        }
        let length = self.step.checked_mul(self.size).and_then(|length| self.start.checked_add(length));
        let stop =
            length.ok_or_else(|| InvocationError::BadInput("The result does not fit into 64 bits".into()))?;
        Ok(IntegerCollectionOutput { collection: steps::until(self.start, stop, self.step)? })
    }
}
