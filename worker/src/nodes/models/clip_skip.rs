//! `clip_skip`: leaves out the last layers of a text encoder.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::CLIPField;
use crate::invocation::outputs::CLIPSkipInvocationOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Leaves out the last layers of a text encoder.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ClipSkip {
    /// The text encoder.
    #[schemars(extend("input" = "connection", "title" = "CLIP"))]
    clip: CLIPField,
    /// How many more layers to leave out, from the end.
    #[serde(default)]
    #[schemars(range(min = 0))]
    skipped_layers: u32,
}

impl Invocation for ClipSkip {
    const TYPE: &'static str = "clip_skip";
    const SCHEMA_NAME: &'static str = "CLIPSkipInvocation";
    const TITLE: &'static str = "Apply CLIP Skip - SD1.5, SDXL";
    const CATEGORY: &'static str = "prompt";
    const VERSION: &'static str = "1.1.1";
    type Output = CLIPSkipInvocationOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<CLIPSkipInvocationOutput, InvocationError> {
        let skipped_layers = self.clip.skipped_layers + i64::from(self.skipped_layers);
        Ok(CLIPSkipInvocationOutput { clip: Some(CLIPField { skipped_layers, ..self.clip }) })
    }
}
