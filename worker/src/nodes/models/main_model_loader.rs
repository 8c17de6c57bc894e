//! `main_model_loader`: a main model's parts.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::{CLIPField, ModelIdentifierField, UNetField, VAEField};
use crate::invocation::outputs::ModelLoaderOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Takes a main model apart into UNet, text encoder and VAE.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MainModelLoader {
    /// The main model.
    #[schemars(extend("ui_model_base" = ["sd-1", "sd-2"], "ui_model_type" = ["main"]))]
    model: ModelIdentifierField,
}

impl Invocation for MainModelLoader {
    const TYPE: &'static str = "main_model_loader";
    const SCHEMA_NAME: &'static str = "MainModelLoaderInvocation";
    const TITLE: &'static str = "Main Model - SD1.5, SD2";
    const CATEGORY: &'static str = "model";
    const VERSION: &'static str = "1.0.4";
    type Output = ModelLoaderOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ModelLoaderOutput, InvocationError> {
        context.model_config(&self.model)?;
        let part =
            |part: &str| ModelIdentifierField { submodel_type: Some(part.to_owned()), ..self.model.clone() };
        Ok(ModelLoaderOutput {
            unet: UNetField {
                unet: part("unet"),
                scheduler: part("scheduler"),
                loras: Vec::new(),
                seamless_axes: Vec::new(),
                freeu_config: None,
            },
            clip: CLIPField {
                tokenizer: part("tokenizer"),
                text_encoder: part("text_encoder"),
                skipped_layers: 0,
                loras: Vec::new(),
            },
            vae: VAEField { vae: part("vae"), seamless_axes: Vec::new() },
        })
    }
}
