//! `l2i`: latents to a picture.
use image::DynamicImage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::picture::decoded_picture;
use super::{models, tiling};
use crate::invocation::fields::{BoardField, LatentsField, MetadataField, VAEField};
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Generates an image from latents.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct LatentsToImage {
    /// The board to save the image to.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "direct", "ui_hidden" = false))]
    board: Option<BoardField>,
    /// Metadata to save with the image.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The latents.
    #[schemars(extend("input" = "connection"))]
    latents: LatentsField,
    /// The VAE.
    #[schemars(extend("input" = "connection"))]
    vae: VAEField,
    /// Decode in overlapping tiles, which takes less memory.
    #[serde(default)]
    tiled: bool,
    /// The side of a tile in pixels; 0 is the default.
    #[serde(default)]
    #[schemars(extend("multipleOf" = 8))]
    tile_size: usize,
    /// Whether to use full precision; the CPU always does.
    #[serde(default)]
    fp32: bool,
}

impl Invocation for LatentsToImage {
    const TYPE: &'static str = "l2i";
    const SCHEMA_NAME: &'static str = "LatentsToImageInvocation";
    const TITLE: &'static str = "Latents to Image - SD1.5, SDXL";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.3.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        tracing::trace!(fp32 = self.fp32, "decoding in float32");
        let latents = models::latents(context, &self.latents.latents_name)?;
        let vae = models::vae(context, &self.vae)?;
        context.progress_message("Running VAE decoder");
        let scaled = latents / vae.scaling_factor();
        let decoded = tiling::decode(vae.as_ref(), &scaled, self.tiled, self.tile_size)?;
        let picture = DynamicImage::ImageRgb8(decoded_picture(&decoded));
        models::save_picture(context, picture, self.board, self.metadata)
    }
}
