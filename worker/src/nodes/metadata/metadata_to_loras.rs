//! `metadata_to_loras`: the LoRAs of metadata on models.
use schemars::JsonSchema;
use serde::Deserialize;

use super::recorded_models;
use crate::invocation::fields::{CLIPField, MetadataField, UNetField};
use crate::invocation::outputs::LoRALoaderOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Adds the LoRAs of metadata to a UNet and a text encoder.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct MetadataToLoras {
    /// The metadata.
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The UNet.
    #[schemars(extend("title" = "UNet", "input" = "connection"))]
    unet: Option<UNetField>,
    /// The text encoder.
    #[schemars(extend("title" = "CLIP", "input" = "connection"))]
    clip: Option<CLIPField>,
}

impl Invocation for MetadataToLoras {
    const TYPE: &'static str = "metadata_to_loras";
    const SCHEMA_NAME: &'static str = "MetadataToLorasInvocation";
    const TITLE: &'static str = "Metadata To LoRAs";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.1.1";
    const CLASSIFICATION: &'static str = "beta";
    type Output = LoRALoaderOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LoRALoaderOutput, InvocationError> {
        let (mut unet, mut clip) = (self.unet, self.clip);
        for lora in recorded_models::loras(context, self.metadata.as_ref(), "loras")? {
            recorded_models::apply(&lora, unet.as_mut().map(|unet| &mut unet.loras));
            recorded_models::apply(&lora, clip.as_mut().map(|clip| &mut clip.loras));
        }
        Ok(LoRALoaderOutput { unet, clip })
    }
}
