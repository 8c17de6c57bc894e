//! `metadata_to_model`: the model of an entry of metadata.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model_entry::ModelEntry;
use super::recorded_models;
use crate::invocation::fields::{CLIPField, ModelIdentifierField, UNetField, VAEField};
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Takes a main model out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToModel {
    /// The entry.
    #[serde(flatten)]
    entry: ModelEntry,
    /// The model if there is no such entry, or no such model here.
    #[schemars(extend("ui_model_type" = ["main"]))]
    default_value: ModelIdentifierField,
}

/// A model and its parts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MetadataToModelOutput {
    /// The model.
    model: ModelIdentifierField,
    /// The model's base and name.
    name: String,
    /// The UNet.
    #[schemars(extend("title" = "UNet"))]
    unet: UNetField,
    /// The VAE.
    #[schemars(extend("title" = "VAE"))]
    vae: VAEField,
    /// The text encoder.
    #[schemars(extend("title" = "CLIP"))]
    clip: CLIPField,
}

impl InvocationOutput for MetadataToModelOutput {
    const TYPE: &'static str = "metadata_to_model_output";
    const SCHEMA_NAME: &'static str = "MetadataToModelOutput";
}

impl Invocation for MetadataToModel {
    const TYPE: &'static str = "metadata_to_model";
    const SCHEMA_NAME: &'static str = "MetadataToModelInvocation";
    const TITLE: &'static str = "Metadata To Model";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.3.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = MetadataToModelOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MetadataToModelOutput, InvocationError> {
        let model = self.entry.model(context, self.default_value)?;
        Ok(MetadataToModelOutput {
            name: recorded_models::display_name(&model),
            unet: recorded_models::unet(&model),
            vae: recorded_models::vae(&model),
            clip: recorded_models::clip(&model, "tokenizer", "text_encoder"),
            model,
        })
    }
}
