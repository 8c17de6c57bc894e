//! `sub`: the difference of two integers.
use schemars::JsonSchema;
use serde::Deserialize;

use super::arithmetic;
use crate::invocation::outputs::IntegerOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Subtracts the second number from the first.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Subtract {
    /// The first number.
    a: i64,
    /// The second number.
    b: i64,
}

impl Invocation for Subtract {
    const TYPE: &'static str = "sub";
    const SCHEMA_NAME: &'static str = "SubtractInvocation";
    const TITLE: &'static str = "Subtract Integers";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    type Output = IntegerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerOutput, InvocationError> {
        let value = self.a.checked_sub(self.b).ok_or_else(arithmetic::too_large)?;
        Ok(IntegerOutput { value })
    }
}
