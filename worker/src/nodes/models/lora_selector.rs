//! `lora_selector`: a LoRA with its weight.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::{LoRAField, ModelIdentifierField};
use crate::invocation::outputs::LoRASelectorOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Gives a LoRA with a weight.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct LoraSelector {
    /// The LoRA.
    #[schemars(extend("title" = "LoRA", "ui_model_type" = ["lora"]))]
    lora: ModelIdentifierField,
    /// How strongly it changes the models; 1 is as it was trained.
    #[serde(default = "default_weight")]
    weight: f64,
}

/// Upstream's weight of a LoRA that does not say.
pub(super) fn default_weight() -> f64 {
    0.75
}

impl Invocation for LoraSelector {
    const TYPE: &'static str = "lora_selector";
    const SCHEMA_NAME: &'static str = "LoRASelectorInvocation";
    const TITLE: &'static str = "Select LoRA";
    const CATEGORY: &'static str = "model";
    const VERSION: &'static str = "1.0.3";
    type Output = LoRASelectorOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<LoRASelectorOutput, InvocationError> {
        Ok(LoRASelectorOutput { lora: LoRAField { lora: self.lora, weight: self.weight } })
    }
}
