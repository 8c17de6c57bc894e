//! `vae_loader`: a VAE of its own in place of the main model's.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::{ModelIdentifierField, VAEField};
use crate::invocation::outputs::VAEOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Gives a VAE to use in place of the main model's own.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct VaeLoader {
    /// The VAE.
    #[schemars(extend(
        "title" = "VAE",
        "ui_model_base" = ["sd-1", "sd-2", "sdxl", "sd-3", "flux", "flux2"],
        "ui_model_type" = ["vae"]
    ))]
    vae_model: ModelIdentifierField,
}

impl Invocation for VaeLoader {
    const TYPE: &'static str = "vae_loader";
    const SCHEMA_NAME: &'static str = "VAELoaderInvocation";
    const TITLE: &'static str = "VAE Model - SD1.5, SD2, SDXL, SD3, FLUX";
    const CATEGORY: &'static str = "model";
    const VERSION: &'static str = "1.0.4";
    type Output = VAEOutput;

    fn invoke(self, context: &InvocationContext) -> Result<VAEOutput, InvocationError> {
        context.model_config(&self.vae_model)?;
        Ok(VAEOutput { vae: VAEField { vae: self.vae_model, seamless_axes: Vec::new() } })
    }
}
