//! `div`: the quotient of two integers.
use schemars::JsonSchema;
use serde::Deserialize;

use super::arithmetic;
use crate::invocation::outputs::IntegerOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Divides the first number by the second and leaves out the fraction.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Divide {
    /// The first number.
    a: i64,
    /// The second number.
    b: i64,
}

impl Invocation for Divide {
    const TYPE: &'static str = "div";
    const SCHEMA_NAME: &'static str = "DivideInvocation";
    const TITLE: &'static str = "Divide Integers";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    type Output = IntegerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerOutput, InvocationError> {
        Ok(IntegerOutput { value: arithmetic::divide(self.a, self.b)? })
    }
}
