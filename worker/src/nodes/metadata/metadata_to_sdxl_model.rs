//! `metadata_to_sdxl_model`: the SDXL model of an entry of metadata.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model_entry::ModelEntry;
use super::recorded_models;
use crate::invocation::fields::{CLIPField, ModelIdentifierField, UNetField, VAEField};
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Takes a main model of SDXL out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToSdxlModel {
    /// The entry.
    #[serde(flatten)]
    entry: ModelEntry,
    /// The model if there is no such entry, or no such model here.
    #[schemars(extend("ui_model_type" = ["main"], "ui_model_base" = ["sdxl"]))]
    default_value: ModelIdentifierField,
}

/// A model and its parts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MetadataToSDXLModelOutput {
    /// The model.
    model: ModelIdentifierField,
    /// The model's base and name.
    name: String,
    /// The UNet.
    #[schemars(extend("title" = "UNet"))]
    unet: UNetField,
    /// The first text encoder.
    #[schemars(extend("title" = "CLIP 1"))]
    clip: CLIPField,
    /// The second text encoder.
    #[schemars(extend("title" = "CLIP 2"))]
    clip2: CLIPField,
    /// The VAE.
    #[schemars(extend("title" = "VAE"))]
    vae: VAEField,
}

impl InvocationOutput for MetadataToSDXLModelOutput {
    const TYPE: &'static str = "metadata_to_sdxl_model_output";
    const SCHEMA_NAME: &'static str = "MetadataToSDXLModelOutput";
}

impl Invocation for MetadataToSdxlModel {
    const TYPE: &'static str = "metadata_to_sdxl_model";
    const SCHEMA_NAME: &'static str = "MetadataToSDXLModelInvocation";
    const TITLE: &'static str = "Metadata To SDXL Model";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.3.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = MetadataToSDXLModelOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MetadataToSDXLModelOutput, InvocationError> {
        let model = self.entry.model(context, self.default_value)?;
        Ok(MetadataToSDXLModelOutput {
            name: recorded_models::display_name(&model),
            unet: recorded_models::unet(&model),
            clip: recorded_models::clip(&model, "tokenizer", "text_encoder"),
            clip2: recorded_models::clip(&model, "tokenizer_2", "text_encoder_2"),
            vae: recorded_models::vae(&model),
            model,
        })
    }
}
