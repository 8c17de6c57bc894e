//! `lora_collection_loader`: puts several LoRAs onto a UNet and a text encoder.
use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::{CLIPField, LoRAField, UNetField};
use crate::invocation::outputs::LoRALoaderOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::nodes::one_or_many::{OneOrMany, optional};

/// Puts several LoRAs onto a UNet and a text encoder.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct LoraCollectionLoader {
    /// The LoRAs with their weights.
    #[serde(default)]
    #[schemars(
        schema_with = "optional::<LoRAField>",
        extend("title" = "LoRAs", "ui_model_base" = ["sd-1", "sd-2"], "ui_model_type" = ["lora"])
    )]
    loras: Option<OneOrMany<LoRAField>>,
    /// The UNet.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "title" = "UNet"))]
    unet: Option<UNetField>,
    /// The text encoder.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "title" = "CLIP"))]
    clip: Option<CLIPField>,
}

impl Invocation for LoraCollectionLoader {
    const TYPE: &'static str = "lora_collection_loader";
    const SCHEMA_NAME: &'static str = "LoRACollectionLoader";
    const TITLE: &'static str = "Apply LoRA Collection - SD1.5";
    const CATEGORY: &'static str = "model";
    const VERSION: &'static str = "1.1.3";
    type Output = LoRALoaderOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LoRALoaderOutput, InvocationError> {
        let (mut unet, mut clip) = (self.unet, self.clip);
        let mut seen = HashSet::new();
        for new in self.loras.iter().flat_map(OneOrMany::as_slice) {
            if !seen.insert(&new.lora.key) {
                continue;
            }
            context.model_config(&new.lora)?;
            if !matches!(new.lora.base.as_str(), "sd-1" | "sd-2") {
                let reason = format!("the LoRA {} is for {} models", new.lora.name, new.lora.base);
                return Err(InvocationError::BadInput(reason));
            }
            let loras =
                [unet.as_mut().map(|unet| &mut unet.loras), clip.as_mut().map(|clip| &mut clip.loras)];
            loras.into_iter().flatten().for_each(|loras| loras.push(new.clone()));
        }
        Ok(LoRALoaderOutput { unet, clip })
    }
}
