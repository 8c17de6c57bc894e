//! `round_float`: a number with fewer decimal places.
use schemars::JsonSchema;
use serde::Deserialize;

use super::arithmetic;
use crate::invocation::outputs::FloatOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Rounds a number to decimal places.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct RoundFloat {
    /// The number.
    value: f64,
    /// How many decimal places are kept.
    decimals: i64,
}

impl Invocation for RoundFloat {
    const TYPE: &'static str = "round_float";
    const SCHEMA_NAME: &'static str = "RoundInvocation";
    const TITLE: &'static str = "Round Float";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    type Output = FloatOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatOutput, InvocationError> {
        Ok(FloatOutput { value: arithmetic::rounded(self.value, self.decimals) })
    }
}
