//! `float_range`: numbers at equal distances.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::FloatCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Numbers at equal distances.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct FloatLinearRange {
    /// The first number.
    start: f64,
    /// The last number.
    stop: f64,
    /// How many numbers, the first and the last included.
    steps: i64,
}

impl Default for FloatLinearRange {
    fn default() -> Self {
        Self { start: 5.0, stop: 10.0, steps: 30 }
    }
}

impl Invocation for FloatLinearRange {
    const TYPE: &'static str = "float_range";
    const SCHEMA_NAME: &'static str = "FloatLinearRangeInvocation";
    const TITLE: &'static str = "Float Range";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    type Output = FloatCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatCollectionOutput, InvocationError> {
        let count = usize::try_from(self.steps).map_err(|_| {
            InvocationError::BadInput(format!("Number of samples, {}, must be non-negative.", self.steps))
        })?;
        let step = (self.stop - self.start) / (count.max(2) - 1) as f64;
        let mut collection: Vec<f64> = (0..count).map(|index| self.start + index as f64 * step).collect();
        // Rounding must not keep the last one from where it should be.
        if let [_, .., last] = collection.as_mut_slice() {
            *last = self.stop;
        }
        Ok(FloatCollectionOutput { collection })
    }
}
