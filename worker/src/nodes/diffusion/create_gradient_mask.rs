//! `create_gradient_mask`: a mask with a soft edge.
use image::DynamicImage;
use ndarray::{Array2, Array4};
use schemars::JsonSchema;
use serde::Deserialize;

use super::create_denoise_mask::masked_latents;
use super::gradient::{CoherenceMode, gradient_mask};
use super::interpolate::Method;
use super::models;
use super::picture::{PIXELS, enlarge, gray_picture, luma_plane, mask_tensor, resize_plane};
use crate::invocation::fields::{DenoiseMaskField, ImageField, UNetField, VAEField};
use crate::invocation::outputs::GradientMaskOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Creates mask for denoising.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CreateGradientMask {
    /// The mask: black is denoised, white is kept.
    #[schemars(extend("ui_order" = 1))]
    mask: ImageField,
    /// How far the edge reaches out, in pixels.
    #[serde(default = "sixteen")]
    #[schemars(extend("ui_order" = 2))]
    edge_radius: usize,
    /// How the edge falls off.
    #[serde(default)]
    #[schemars(extend("ui_order" = 3))]
    coherence_mode: CoherenceMode,
    /// The strength that the edge gets at least.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1), extend("ui_order" = 4))]
    minimum_denoise: f64,
    /// For inpainting models: the UNet.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "ui_order" = 5, "title" = "[OPTIONAL] UNet"))]
    unet: Option<UNetField>,
    /// For inpainting models: the picture.
    #[serde(default)]
    #[schemars(extend("ui_order" = 6, "title" = "[OPTIONAL] Image"))]
    image: Option<ImageField>,
    /// For inpainting models: the VAE.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "ui_order" = 7, "title" = "[OPTIONAL] VAE"))]
    vae: Option<VAEField>,
    /// Encode in overlapping tiles, which takes less memory.
    #[serde(default)]
    #[schemars(extend("ui_order" = 8))]
    tiled: bool,
    /// Whether to use full precision; the CPU always does.
    #[serde(default)]
    #[schemars(extend("ui_order" = 9))]
    fp32: bool,
}

fn sixteen() -> usize {
    16
}

/// The area that changes (black) as a picture, and the mask `[1, 1, h, w]`.
pub(super) fn grow(
    plane: &Array2<u8>,
    radius: usize,
    mode: CoherenceMode,
    least: f64,
) -> Result<(DynamicImage, Array4<f32>), InvocationError> {
    let (rows, columns) = (plane.nrows() / PIXELS, plane.ncols() / PIXELS);
    if rows == 0 || columns == 0 {
        return Err(InvocationError::BadInput("the mask must be at least 8 pixels wide and high".to_owned()));
    }
    // One cell a latent is all that the mask will ever resolve.
    let cells = resize_plane(plane, rows, columns, Method::Bilinear { antialias: true });
    let grown = gradient_mask(&cells, radius / PIXELS, mode, least);
    let area = enlarge(&grown.mapv(|value| if value < 255 { 0 } else { 255 }), PIXELS);
    Ok((gray_picture(&area), mask_tensor(&enlarge(&grown, PIXELS))))
}

impl Invocation for CreateGradientMask {
    const TYPE: &'static str = "create_gradient_mask";
    const SCHEMA_NAME: &'static str = "CreateGradientMaskInvocation";
    const TITLE: &'static str = "Create Gradient Mask";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.3.0";
    type Output = GradientMaskOutput;

    fn invoke(self, context: &InvocationContext) -> Result<GradientMaskOutput, InvocationError> {
        tracing::trace!(fp32 = self.fp32, "encoding in float32");
        let plane = luma_plane(&context.load_image(&self.mask.image_name)?);
        let (area, mask) = grow(&plane, self.edge_radius, self.coherence_mode, self.minimum_denoise)?;
        let expanded_mask_area = models::save_intermediate(context, area)?;
        let masked_latents_name = match (&self.unet, &self.vae, &self.image) {
            (Some(unet), Some(vae), Some(image)) if models::is_inpainting(context, unet)? => {
                Some(masked_latents(context, image, &mask, vae, self.tiled)?)
            }
            _ => None,
        };
        let mask_name = context.save_tensor(mask.into_dyn());
        let denoise_mask = DenoiseMaskField { mask_name, masked_latents_name, gradient: true };
        Ok(GradientMaskOutput { denoise_mask, expanded_mask_area })
    }
}
