//! `string_join`: two texts as one.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::StringOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Puts two texts together.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct StringJoin {
    /// The first text.
    #[schemars(extend("ui_component" = "textarea"))]
    string_left: String,
    /// The last text.
    #[schemars(extend("ui_component" = "textarea"))]
    string_right: String,
}

impl Invocation for StringJoin {
    const TYPE: &'static str = "string_join";
    const SCHEMA_NAME: &'static str = "StringJoinInvocation";
    const TITLE: &'static str = "String Join";
    const CATEGORY: &'static str = "strings";
    const VERSION: &'static str = "1.0.1";
    type Output = StringOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringOutput, InvocationError> {
        Ok(StringOutput { value: self.string_left + &self.string_right })
    }
}
