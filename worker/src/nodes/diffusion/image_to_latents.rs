//! `i2l`: a picture to latents.
use ndarray::{Array4, s};
use schemars::JsonSchema;
use serde::Deserialize;

use super::picture::rgb_tensor;
use super::{models, tiling};
use crate::inference::Autoencoder;
use crate::invocation::fields::{ImageField, VAEField};
use crate::invocation::outputs::LatentsOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::random::Generator;

/// Corrections of colour drift, by the VAE's architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum ColorCompensation {
    #[default]
    None,
    #[serde(rename = "SDXL")]
    Sdxl,
}

/// Encodes an image into latents.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ImageToLatents {
    /// The image to encode.
    image: ImageField,
    /// The VAE.
    #[schemars(extend("input" = "connection"))]
    vae: VAEField,
    /// Encode in overlapping tiles, which takes less memory.
    #[serde(default)]
    tiled: bool,
    /// The side of a tile in pixels; 0 is the default.
    #[serde(default)]
    #[schemars(extend("multipleOf" = 8))]
    tile_size: usize,
    /// Whether to use full precision; the CPU always does.
    #[serde(default)]
    fp32: bool,
    /// Correct the colour drift of SDXL's VAE.
    #[serde(default)]
    color_compensation: ColorCompensation,
}

/// Draws latents from the VAE's distribution and scales them for the UNet. The draw has a fixed seed: upstream's
/// differs from run to run, and its spread is far below what a picture shows.
pub(super) fn encode(
    vae: &dyn Autoencoder,
    image: &Array4<f32>,
    tiled: bool,
    tile: usize,
) -> Result<Array4<f32>, InvocationError> {
    let moments = tiling::encode(vae, image, tiled, tile)?;
    let half = moments.dim().1 / 2;
    let deviation =
        moments.slice(s![.., half.., .., ..]).mapv(|variance| (0.5 * variance.clamp(-30.0, 20.0)).exp());
    let mean = moments.slice(s![.., ..half, .., ..]);
    let noise = models::four_dimensions(Generator::new(0).normal(mean.shape()))?;
    Ok((deviation * noise + mean) * vae.scaling_factor())
}

impl Invocation for ImageToLatents {
    const TYPE: &'static str = "i2l";
    const SCHEMA_NAME: &'static str = "ImageToLatentsInvocation";
    const TITLE: &'static str = "Image to Latents - SD1.5, SDXL";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.2.0";
    type Output = LatentsOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LatentsOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let mut tensor = rgb_tensor(&image);
        if self.color_compensation == ColorCompensation::Sdxl && self.vae.vae.base == "sdxl" {
            tensor.mapv_inplace(|value| value * 1.015 - 0.002);
        }
        tracing::trace!(fp32 = self.fp32, "encoding in float32");
        let vae = models::vae(context, &self.vae)?;
        context.progress_message("Running VAE encoder");
        let latents = encode(vae.as_ref(), &tensor, self.tiled, self.tile_size)?;
        Ok(models::save_latents(context, latents, None))
    }
}
