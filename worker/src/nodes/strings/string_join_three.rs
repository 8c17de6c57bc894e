//! `string_join_three`: three texts as one.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::StringOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Puts three texts together.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct StringJoinThree {
    /// The first text.
    #[schemars(extend("ui_component" = "textarea"))]
    string_left: String,
    /// The text between.
    #[schemars(extend("ui_component" = "textarea"))]
    string_middle: String,
    /// The last text.
    #[schemars(extend("ui_component" = "textarea"))]
    string_right: String,
}

impl Invocation for StringJoinThree {
    const TYPE: &'static str = "string_join_three";
    const SCHEMA_NAME: &'static str = "StringJoinThreeInvocation";
    const TITLE: &'static str = "String Join Three";
    const CATEGORY: &'static str = "strings";
    const VERSION: &'static str = "1.0.1";
    type Output = StringOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringOutput, InvocationError> {
        Ok(StringOutput { value: self.string_left + &self.string_middle + &self.string_right })
    }
}
