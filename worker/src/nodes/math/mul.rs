//! `mul`: the product of two integers.
use schemars::JsonSchema;
use serde::Deserialize;

use super::arithmetic;
use crate::invocation::outputs::IntegerOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Multiplies two numbers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Multiply {
    /// The first number.
    a: i64,
    /// The second number.
    b: i64,
}

impl Invocation for Multiply {
    const TYPE: &'static str = "mul";
    const SCHEMA_NAME: &'static str = "MultiplyInvocation";
    const TITLE: &'static str = "Multiply Integers";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    type Output = IntegerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerOutput, InvocationError> {
        let value = self.a.checked_mul(self.b).ok_or_else(arithmetic::too_large)?;
        Ok(IntegerOutput { value })
    }
}
