//! `string_replace`: a text with parts replaced.
use schemars::JsonSchema;
use serde::Deserialize;

use super::regular_expression;
use crate::invocation::outputs::StringOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Replaces parts of a text.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct StringReplace {
    /// The text.
    #[schemars(extend("ui_component" = "textarea"))]
    string: String,
    /// What to look for.
    #[schemars(extend("ui_component" = "textarea"))]
    search_string: String,
    /// What to put there.
    #[schemars(extend("ui_component" = "textarea"))]
    replace_string: String,
    /// Whether to look for a regular expression. If not, upper and lower case are the same.
    use_regex: bool,
}

impl Invocation for StringReplace {
    const TYPE: &'static str = "string_replace";
    const SCHEMA_NAME: &'static str = "StringReplaceInvocation";
    const TITLE: &'static str = "String Replace";
    const CATEGORY: &'static str = "strings";
    const VERSION: &'static str = "1.0.1";
    type Output = StringOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringOutput, InvocationError> {
        if self.search_string.is_empty() {
            return Ok(StringOutput { value: self.string });
        }
        let value = if self.use_regex {
            regular_expression::replace(&self.string, &self.search_string, &self.replace_string)
        } else {
            regular_expression::replace(
                &self.string,
                &format!("(?i){}", fancy_regex::escape(&self.search_string)),
                &self.replace_string,
            )
        };
        Ok(StringOutput { value: value? })
    }
}
