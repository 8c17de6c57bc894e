//! `boolean`: a truth value.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::BooleanOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A truth value.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Boolean {
    /// The value.
    value: bool,
}

impl Invocation for Boolean {
    const TYPE: &'static str = "boolean";
    const SCHEMA_NAME: &'static str = "BooleanInvocation";
    const TITLE: &'static str = "Boolean Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.1";
    type Output = BooleanOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<BooleanOutput, InvocationError> {
        Ok(BooleanOutput { value: self.value })
    }
}
