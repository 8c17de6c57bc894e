//! `rand_float`: a random number.
use schemars::JsonSchema;
use serde::Deserialize;

use super::arithmetic;
use crate::invocation::outputs::FloatOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use rand::Rng;

/// A random number.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct RandomFloat {
    /// The least value.
    low: f64,
    /// The value above the greatest.
    high: f64,
    /// How many decimal places are kept.
    decimals: i64,
}

impl Default for RandomFloat {
    fn default() -> Self {
        Self { low: 0.0, high: 1.0, decimals: 2 }
    }
}

impl Invocation for RandomFloat {
    const TYPE: &'static str = "rand_float";
    const SCHEMA_NAME: &'static str = "RandomFloatInvocation";
    const TITLE: &'static str = "Random Float";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    const USE_CACHE: bool = false;
    type Output = FloatOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatOutput, InvocationError> {
        let value = self.low + (self.high - self.low) * rand::rng().random::<f64>();
        Ok(FloatOutput { value: arithmetic::rounded(value, self.decimals) })
    }
}
