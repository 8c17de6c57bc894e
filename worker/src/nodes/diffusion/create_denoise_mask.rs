//! `create_denoise_mask`: a picture's brightness as a mask.
use ndarray::{Array4, Zip};
use schemars::JsonSchema;
use serde::Deserialize;

use super::interpolate::{Method, resize};
use super::picture::{luma_plane, mask_tensor, rgb_tensor};
use super::{image_to_latents, models};
use crate::invocation::fields::{DenoiseMaskField, ImageField, VAEField};
use crate::invocation::outputs::DenoiseMaskOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Creates mask for denoising model run.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CreateDenoiseMask {
    /// The VAE.
    #[schemars(extend("input" = "connection", "ui_order" = 0))]
    vae: VAEField,
    /// Image which will be masked.
    #[serde(default)]
    #[schemars(extend("ui_order" = 1))]
    image: Option<ImageField>,
    /// The mask: black is denoised, white is kept.
    #[schemars(extend("ui_order" = 2))]
    mask: ImageField,
    /// Encode in overlapping tiles, which takes less memory.
    #[serde(default)]
    #[schemars(extend("ui_order" = 3))]
    tiled: bool,
    /// Whether to use full precision; the CPU always does.
    #[serde(default)]
    #[schemars(extend("ui_order" = 4))]
    fp32: bool,
}

/// The picture with grey in the hole of the mask, encoded.
pub(super) fn masked_latents(
    context: &InvocationContext,
    image: &ImageField,
    mask: &Array4<f32>,
    vae: &VAEField,
    tiled: bool,
) -> Result<String, InvocationError> {
    let mut tensor = rgb_tensor(&context.load_image(&image.image_name)?);
    let (_, _, rows, columns) = tensor.dim();
    let mask = resize(mask, rows, columns, Method::Bilinear { antialias: false });
    if let Some(mask) = mask.broadcast(tensor.dim()) {
        Zip::from(&mut tensor).and(&mask).for_each(|value, mask| {
            if *mask < 0.5 {
                *value = 0.0;
            }
        });
    }
    let vae = models::vae(context, vae)?;
    context.progress_message("Running VAE encoder");
    let latents = image_to_latents::encode(vae.as_ref(), &tensor, tiled, 0)?;
    Ok(context.save_tensor(latents.into_dyn()))
}

impl Invocation for CreateDenoiseMask {
    const TYPE: &'static str = "create_denoise_mask";
    const SCHEMA_NAME: &'static str = "CreateDenoiseMaskInvocation";
    const TITLE: &'static str = "Create Denoise Mask";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.0.2";
    type Output = DenoiseMaskOutput;

    fn invoke(self, context: &InvocationContext) -> Result<DenoiseMaskOutput, InvocationError> {
        tracing::trace!(fp32 = self.fp32, "encoding in float32");
        let mask = mask_tensor(&luma_plane(&context.load_image(&self.mask.image_name)?));
        let masked_latents_name = match &self.image {
            Some(image) => Some(masked_latents(context, image, &mask, &self.vae, self.tiled)?),
            None => None,
        };
        let mask_name = context.save_tensor(mask.into_dyn());
        Ok(DenoiseMaskOutput {
            denoise_mask: DenoiseMaskField { mask_name, masked_latents_name, gradient: false },
        })
    }
}
