//! `float`: a number.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::FloatOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A number.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Float {
    /// The value.
    value: f64,
}

impl Invocation for Float {
    const TYPE: &'static str = "float";
    const SCHEMA_NAME: &'static str = "FloatInvocation";
    const TITLE: &'static str = "Float Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.1";
    type Output = FloatOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatOutput, InvocationError> {
        Ok(FloatOutput { value: self.value })
    }
}
