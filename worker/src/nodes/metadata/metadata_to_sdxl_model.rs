//! `metadata_to_sdxl_model`: the SDXL model of an entry of metadata.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{labels, recorded_models};
use crate::invocation::fields::{CLIPField, MetadataField, ModelIdentifierField, UNetField, VAEField};
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Takes a main model of SDXL out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToSdxlModel {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[serde(default = "default_label")]
    #[schemars(extend("input" = "direct", "enum" = labels::MODELS))]
    label: String,
    /// The name, if the label says that it is a custom one.
    #[serde(default)]
    #[schemars(extend("input" = "direct"))]
    custom_label: Option<String>,
    /// The model if there is no such entry, or no such model here.
    #[schemars(extend("ui_model_type" = ["main"], "ui_model_base" = ["sdxl"]))]
    default_value: ModelIdentifierField,
}

fn default_label() -> String {
    "model".into()
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
        let found = labels::find(self.metadata, &self.label, self.custom_label)?;
        let key = recorded_models::key(context, found.as_ref(), "main")?.unwrap_or(self.default_value.key);
        let model = recorded_models::identifier(context, &key)?;
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
