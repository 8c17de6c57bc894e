//! `metadata_to_sdlx_loras`: the LoRAs of metadata on SDXL models.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recorded_models;
use crate::invocation::fields::{CLIPField, MetadataField, UNetField};
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Adds the LoRAs of metadata to the UNet and the text encoders of SDXL.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct MetadataToSdxlLoras {
    /// The metadata.
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The UNet.
    #[schemars(extend("title" = "UNet", "input" = "connection"))]
    unet: Option<UNetField>,
    /// The text encoder.
    #[schemars(extend("title" = "CLIP 1", "input" = "connection"))]
    clip: Option<CLIPField>,
    /// The second text encoder.
    #[schemars(extend("title" = "CLIP 2", "input" = "connection"))]
    clip2: Option<CLIPField>,
}

/// UNet and text encoders with LoRAs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SDXLLoRALoaderOutput {
    /// The UNet.
    #[schemars(extend("title" = "UNet", "default" = null))]
    unet: Option<UNetField>,
    /// The first text encoder.
    #[schemars(extend("title" = "CLIP 1", "default" = null))]
    clip: Option<CLIPField>,
    /// The second text encoder.
    #[schemars(extend("title" = "CLIP 2", "default" = null))]
    clip2: Option<CLIPField>,
}

impl InvocationOutput for SDXLLoRALoaderOutput {
    const TYPE: &'static str = "sdxl_lora_loader_output";
    const SCHEMA_NAME: &'static str = "SDXLLoRALoaderOutput";
}

impl Invocation for MetadataToSdxlLoras {
    const TYPE: &'static str = "metadata_to_sdlx_loras";
    const SCHEMA_NAME: &'static str = "MetadataToSDXLLorasInvocation";
    const TITLE: &'static str = "Metadata To SDXL LoRAs";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.1.1";
    const CLASSIFICATION: &'static str = "beta";
    type Output = SDXLLoRALoaderOutput;

    fn invoke(self, context: &InvocationContext) -> Result<SDXLLoRALoaderOutput, InvocationError> {
        let (mut unet, mut clip, mut clip2) = (self.unet, self.clip, self.clip2);
        for lora in recorded_models::loras(context, self.metadata.as_ref(), "loras")? {
            recorded_models::apply(&lora, unet.as_mut().map(|unet| &mut unet.loras));
            recorded_models::apply(&lora, clip.as_mut().map(|clip| &mut clip.loras));
            recorded_models::apply(&lora, clip2.as_mut().map(|clip| &mut clip.loras));
        }
        Ok(SDXLLoRALoaderOutput { unet, clip, clip2 })
    }
}
