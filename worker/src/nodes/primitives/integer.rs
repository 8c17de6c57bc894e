//! `integer`: an integer.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::IntegerOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// An integer.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Integer {
    /// The value.
    value: i64,
}

impl Invocation for Integer {
    const TYPE: &'static str = "integer";
    const SCHEMA_NAME: &'static str = "IntegerInvocation";
    const TITLE: &'static str = "Integer Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.1";
    type Output = IntegerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerOutput, InvocationError> {
        Ok(IntegerOutput { value: self.value })
    }
}
