//! `string_split_neg`: a prompt for and against.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::StringPosNegOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Splits a prompt: what stands in brackets is against, the rest for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct StringSplitNeg {
    /// The prompt.
    #[schemars(extend("ui_component" = "textarea"))]
    string: String,
}

/// A bracket that opens leaves a space in what is against, and a backslash keeps a bracket as it is.
fn split(prompt: &str) -> (String, String) {
    let (mut positive, mut negative) = (String::new(), String::new());
    let (mut depth, mut escaped) = (0_i64, false);
    for letter in prompt.chars() {
        match letter {
            '[' if !escaped => {
                negative.push(' ');
                depth += 1;
            }
            ']' if !escaped => depth -= 1,
            _ if depth > 0 => negative.push(letter),
            _ => positive.push(letter),
        }
        escaped = letter == '\\' && !escaped;
    }
    (positive, negative)
}

impl Invocation for StringSplitNeg {
    const TYPE: &'static str = "string_split_neg";
    const SCHEMA_NAME: &'static str = "StringSplitNegInvocation";
    const TITLE: &'static str = "String Split Negative";
    const CATEGORY: &'static str = "strings";
    const VERSION: &'static str = "1.0.1";
    type Output = StringPosNegOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringPosNegOutput, InvocationError> {
        let (positive_string, negative_string) = split(&self.string);
        Ok(StringPosNegOutput { positive_string, negative_string })
    }
}
