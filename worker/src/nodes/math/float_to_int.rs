//! `float_to_int`: a number as an integer.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arithmetic;
use crate::invocation::outputs::IntegerOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Directions of rounding.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum Method {
    #[default]
    Nearest,
    Floor,
    Ceiling,
    Truncate,
}

/// Rounds a number to a multiple of an integer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct FloatToInteger {
    /// The number.
    value: f64,
    /// What the result is a multiple of.
    #[schemars(range(min = 1), extend("title" = "Multiple of"))]
    multiple: i64,
    /// In which direction to round.
    method: Method,
}

impl Default for FloatToInteger {
    fn default() -> Self {
        Self { value: 0.0, multiple: 1, method: Method::default() }
    }
}

impl Invocation for FloatToInteger {
    const TYPE: &'static str = "float_to_int";
    const SCHEMA_NAME: &'static str = "FloatToIntegerInvocation";
    const TITLE: &'static str = "Float To Integer";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    type Output = IntegerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerOutput, InvocationError> {
        if self.multiple < 1 {
            return Err(InvocationError::BadInput("multiple must be greater than or equal to 1".into()));
        }
        let quotient = self.value / self.multiple as f64;
        let whole = match self.method {
            Method::Nearest => quotient.round_ties_even(),
            Method::Floor => quotient.floor(),
            Method::Ceiling => quotient.ceil(),
            Method::Truncate => quotient.trunc(),
        };
        Ok(IntegerOutput {
            value: arithmetic::integer(whole)?
                .checked_mul(self.multiple)
                .ok_or_else(arithmetic::too_large)?,
        })
    }
}
