//! `rand_int`: a random integer.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::IntegerOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use rand::Rng;

/// A random integer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct RandomInt {
    /// The least value.
    low: i64,
    /// The value above the greatest.
    high: i64,
}

impl Default for RandomInt {
    fn default() -> Self {
        Self { low: 0, high: 2_147_483_647 }
    }
}

impl Invocation for RandomInt {
    const TYPE: &'static str = "rand_int";
    const SCHEMA_NAME: &'static str = "RandomIntInvocation";
    const TITLE: &'static str = "Random Integer";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    const USE_CACHE: bool = false;
    type Output = IntegerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerOutput, InvocationError> {
        if self.low >= self.high {
            return Err(InvocationError::BadInput("low >= high".into()));
        }
        Ok(IntegerOutput { value: rand::rng().random_range(self.low..self.high) })
    }
}
