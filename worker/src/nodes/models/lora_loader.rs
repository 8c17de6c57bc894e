//! `lora_loader`: puts one LoRA onto a UNet and a text encoder.
use schemars::JsonSchema;
use serde::Deserialize;

use super::lora_selector::default_weight;
use crate::invocation::fields::{CLIPField, LoRAField, ModelIdentifierField, UNetField};
use crate::invocation::outputs::LoRALoaderOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Puts a LoRA onto a UNet and a text encoder.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct LoraLoader {
    /// The LoRA.
    #[schemars(extend("title" = "LoRA", "ui_model_base" = ["sd-1"], "ui_model_type" = ["lora"]))]
    lora: ModelIdentifierField,
    /// How strongly it changes the models; 1 is as it was trained.
    #[serde(default = "default_weight")]
    weight: f64,
    /// The UNet.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "title" = "UNet"))]
    unet: Option<UNetField>,
    /// The text encoder.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "title" = "CLIP"))]
    clip: Option<CLIPField>,
}

impl Invocation for LoraLoader {
    const TYPE: &'static str = "lora_loader";
    const SCHEMA_NAME: &'static str = "LoRALoaderInvocation";
    const TITLE: &'static str = "Apply LoRA - SD1.5";
    const CATEGORY: &'static str = "model";
    const VERSION: &'static str = "1.0.4";
    type Output = LoRALoaderOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LoRALoaderOutput, InvocationError> {
        context.model_config(&self.lora)?;
        let new = LoRAField { lora: self.lora, weight: self.weight };
        let add = |loras: &mut Vec<LoRAField>, part: &str| {
            if loras.iter().any(|other| other.lora.key == new.lora.key) {
                let reason = format!("LoRA \"{}\" already applied to {part}", new.lora.key);
                return Err(InvocationError::BadInput(reason));
            }
            loras.push(new.clone());
            Ok(())
        };
        let (mut unet, mut clip) = (self.unet, self.clip);
        if let Some(unet) = &mut unet {
            add(&mut unet.loras, "unet")?;
        }
        if let Some(clip) = &mut clip {
            add(&mut clip.loras, "clip")?;
        }
        Ok(LoRALoaderOutput { unet, clip })
    }
}
