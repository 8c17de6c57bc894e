//! `add`: the sum of two integers.
use schemars::JsonSchema;
use serde::Deserialize;

use super::arithmetic;
use crate::invocation::outputs::IntegerOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Adds two numbers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Add {
    /// The first number.
    a: i64,
    /// The second number.
    b: i64,
}

impl Invocation for Add {
    const TYPE: &'static str = "add";
    const SCHEMA_NAME: &'static str = "AddInvocation";
    const TITLE: &'static str = "Add Integers";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    type Output = IntegerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerOutput, InvocationError> {
        let value = self.a.checked_add(self.b).ok_or_else(arithmetic::too_large)?;
        Ok(IntegerOutput { value })
    }
}
