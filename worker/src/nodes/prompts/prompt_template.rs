//! `prompt_template`: prompts in a style.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Where in a style the prompt stands.
const PLACE: &str = "{prompt}";

/// A style preset by its id.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct StylePresetField {
    /// The id.
    style_preset_id: String,
}

/// Prompts in a style.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PromptTemplateOutput {
    /// The prompt.
    positive_prompt: String,
    /// The prompt against.
    negative_prompt: String,
}

impl InvocationOutput for PromptTemplateOutput {
    const TYPE: &'static str = "prompt_template_output";
    const SCHEMA_NAME: &'static str = "PromptTemplateOutput";
}

/// Puts prompts into the places of a style preset.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct PromptTemplate {
    /// The style preset.
    style_preset: StylePresetField,
    /// The prompt.
    #[serde(default)]
    #[schemars(extend("ui_component" = "textarea"))]
    positive_prompt: String,
    /// The prompt against.
    #[serde(default)]
    #[schemars(extend("ui_component" = "textarea"))]
    negative_prompt: String,
}

impl Invocation for PromptTemplate {
    const TYPE: &'static str = "prompt_template";
    const SCHEMA_NAME: &'static str = "PromptTemplateInvocation";
    const TITLE: &'static str = "Prompt Template";
    const CATEGORY: &'static str = "prompt";
    const VERSION: &'static str = "1.0.0";
    type Output = PromptTemplateOutput;

    fn invoke(self, context: &InvocationContext) -> Result<PromptTemplateOutput, InvocationError> {
        let (positive, negative) = context.surroundings.style_preset(&self.style_preset.style_preset_id)?;
        Ok(PromptTemplateOutput {
            positive_prompt: positive.replace(PLACE, &self.positive_prompt),
            negative_prompt: negative.replace(PLACE, &self.negative_prompt),
        })
    }
}
