//! `string_split`: a text in two.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::String2Output;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Splits a text at the first delimiter, which is left out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct StringSplit {
    /// The text.
    #[schemars(extend("ui_component" = "textarea"))]
    string: String,
    /// Where to split.
    delimiter: String,
}

impl Invocation for StringSplit {
    const TYPE: &'static str = "string_split";
    const SCHEMA_NAME: &'static str = "StringSplitInvocation";
    const TITLE: &'static str = "String Split";
    const CATEGORY: &'static str = "strings";
    const VERSION: &'static str = "1.0.1";
    type Output = String2Output;

    fn invoke(self, _context: &InvocationContext) -> Result<String2Output, InvocationError> {
        if self.delimiter.is_empty() {
            return Err(InvocationError::BadInput("empty separator".into()));
        }
        let (string_1, string_2) = match self.string.split_once(&self.delimiter) {
            Some((before, behind)) => (before.to_owned(), behind.to_owned()),
            None => (self.string, String::new()),
        };
        Ok(String2Output { string_1, string_2 })
    }
}
