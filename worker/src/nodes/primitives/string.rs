//! `string`: a text.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::StringOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A text.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Text {
    /// The value.
    #[schemars(extend("ui_component" = "textarea"))]
    value: String,
}

impl Invocation for Text {
    const TYPE: &'static str = "string";
    const SCHEMA_NAME: &'static str = "StringInvocation";
    const TITLE: &'static str = "String Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.1";
    type Output = StringOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringOutput, InvocationError> {
        Ok(StringOutput { value: self.value })
    }
}
