//! `range`: integers in steps.
use schemars::JsonSchema;
use serde::Deserialize;

use super::steps;
use crate::invocation::outputs::IntegerCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Integers from one to before another.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Range {
    /// The first number.
    start: i64,
    /// The number before which it ends.
    stop: i64,
    /// From one number to the next.
    step: i64,
}

impl Default for Range {
    fn default() -> Self {
        Self { start: 0, stop: 10, step: 1 }
    }
}

impl Invocation for Range {
    const TYPE: &'static str = "range";
    const SCHEMA_NAME: &'static str = "RangeInvocation";
    const TITLE: &'static str = "Integer Range";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    type Output = IntegerCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerCollectionOutput, InvocationError> {
        if self.stop <= self.start {
            return Err(InvocationError::BadInput("stop must be greater than start".into()));
        }
        Ok(IntegerCollectionOutput { collection: steps::until(self.start, self.stop, self.step)? })
    }
}
