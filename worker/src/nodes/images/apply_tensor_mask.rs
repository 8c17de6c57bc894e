//! `apply_tensor_mask_to_image`: a mask as opacity.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::mask_tensor::{as_picture, load_mask};
use super::pillow::{invert, same_size};
use crate::invocation::fields::{ImageField, TensorField};
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes an image transparent where a mask is 0. What is transparent already stays so.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ApplyTensorMask {
    #[serde(flatten)]
    destination: Destination,
    /// The mask.
    mask: TensorField,
    /// The image.
    image: ImageField,
    /// Whether 1 is transparent instead.
    #[serde(default)]
    invert: bool,
}

impl Invocation for ApplyTensorMask {
    const TYPE: &'static str = "apply_tensor_mask_to_image";
    const SCHEMA_NAME: &'static str = "ApplyMaskTensorToImageInvocation";
    const TITLE: &'static str = "Apply Tensor Mask to Image";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let mut image = context.load_image(&self.image.image_name)?.to_rgba8();
        let mask = as_picture(&load_mask(context, &self.mask.tensor_name)?);
        let mask = if self.invert { invert(mask) } else { mask };
        same_size(image.dimensions(), mask.dimensions())?;
        for (pixel, mask) in image.pixels_mut().zip(mask.pixels()) {
            if pixel.0[3] > 0 {
                pixel.0[3] = mask.0[0];
            }
        }
        self.destination.save(context, image)
    }
}
