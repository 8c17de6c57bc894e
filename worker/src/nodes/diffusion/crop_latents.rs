//! `crop_latents`: a rectangle of latents.
use ndarray::s;
use schemars::JsonSchema;
use serde::Deserialize;

use super::models;
use super::picture::PIXELS;
use crate::invocation::fields::LatentsField;
use crate::invocation::outputs::LatentsOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Crops a latent-space tensor to a box specified in image-space. The box dimensions and coordinates must be
/// divisible by the latent scale factor of 8.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CropLatents {
    /// The latents.
    #[schemars(extend("input" = "connection"))]
    latents: LatentsField,
    /// Left edge in pixels.
    #[schemars(extend("multipleOf" = 8))]
    x: usize,
    /// Top edge in pixels.
    #[schemars(extend("multipleOf" = 8))]
    y: usize,
    /// Width in pixels.
    #[schemars(range(min = 1), extend("multipleOf" = 8))]
    width: usize,
    /// Height in pixels.
    #[schemars(range(min = 1), extend("multipleOf" = 8))]
    height: usize,
}

impl Invocation for CropLatents {
    const TYPE: &'static str = "crop_latents";
    const SCHEMA_NAME: &'static str = "CropLatentsCoreInvocation";
    const TITLE: &'static str = "Crop Latents";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.0.2";
    type Output = LatentsOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LatentsOutput, InvocationError> {
        let latents = models::latents(context, &self.latents.latents_name)?;
        let (_, _, rows, columns) = latents.dim();
        let range = |start: usize, length: usize, size: usize| {
            let start = (start / PIXELS).min(size);
            start..(start + length / PIXELS).min(size)
        };
        let cropped = latents
            .slice(s![.., .., range(self.y, self.height, rows), range(self.x, self.width, columns)])
            .to_owned();
        Ok(models::save_latents(context, cropped, None))
    }
}
