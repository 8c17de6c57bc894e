//! `if`: one of two values.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Passes on one of two values; the other is not computed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Choose {
    /// Which one.
    condition: bool,
    /// The value if the condition is true.
    #[schemars(extend("ui_type" = "AnyField"))]
    true_input: Option<Value>,
    /// The value if it is false.
    #[schemars(extend("ui_type" = "AnyField"))]
    false_input: Option<Value>,
}

/// The value that was chosen.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct IfInvocationOutput {
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("title" = "Output", "ui_type" = "AnyField", "default" = null))]
    value: Option<Value>,
}

impl InvocationOutput for IfInvocationOutput {
    const TYPE: &'static str = "if_output";
    const SCHEMA_NAME: &'static str = "IfInvocationOutput";
}

impl Invocation for Choose {
    const TYPE: &'static str = "if";
    const SCHEMA_NAME: &'static str = "IfInvocation";
    const TITLE: &'static str = "If";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.0";
    type Output = IfInvocationOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IfInvocationOutput, InvocationError> {
        Ok(IfInvocationOutput { value: if self.condition { self.true_input } else { self.false_input } })
    }
}
