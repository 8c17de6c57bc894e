//! `denoise_latents_meta`: as `denoise_latents`, with what was asked as metadata.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::denoise_latents::DenoiseLatents;
use crate::invocation::fields::{LatentsField, MetadataField};
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Denoises latents and tells how.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct DenoiseLatentsMeta {
    #[serde(flatten)]
    denoise: DenoiseLatents,
    /// Metadata to add to.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
}

/// Latents, the size of their image in pixels, and how they came about.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LatentsMetaOutput {
    /// How they came about.
    metadata: MetadataField,
    /// The latents.
    latents: LatentsField,
    /// The width.
    width: u32,
    /// The height.
    height: u32,
}

impl InvocationOutput for LatentsMetaOutput {
    const TYPE: &'static str = "latents_meta_output";
    const SCHEMA_NAME: &'static str = "LatentsMetaOutput";
}

impl Invocation for DenoiseLatentsMeta {
    const TYPE: &'static str = "denoise_latents_meta";
    const SCHEMA_NAME: &'static str = "DenoiseLatentsMetaInvocation";
    const TITLE: &'static str = "Denoise - SD1.5, SDXL + Metadata";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.2.0";
    type Output = LatentsMetaOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LatentsMetaOutput, InvocationError> {
        let mut metadata = self.metadata.unwrap_or_default();
        let described = self.denoise.described()?;
        let result = self.denoise.invoke(context)?;
        metadata.0.insert("width".into(), result.width.into());
        metadata.0.insert("height".into(), result.height.into());
        metadata.0.extend(described);
        Ok(LatentsMetaOutput {
            metadata,
            latents: result.latents,
            width: result.width,
            height: result.height,
        })
    }
}
