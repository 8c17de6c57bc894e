//! `mask_combine`: the product of two masks.
use image::{GrayImage, Luma};
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{luma, multiply};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Multiplies two masks.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CombineMasks {
    #[serde(flatten)]
    destination: Destination,
    /// The one mask.
    mask1: ImageField,
    /// The other mask.
    mask2: ImageField,
}

impl Invocation for CombineMasks {
    const TYPE: &'static str = "mask_combine";
    const SCHEMA_NAME: &'static str = "MaskCombineInvocation";
    const TITLE: &'static str = "Combine Masks";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let one = luma(&context.load_image(&self.mask1.image_name)?);
        let other = luma(&context.load_image(&self.mask2.image_name)?);
        let (width, height) = (one.width().min(other.width()), one.height().min(other.height()));
        let product = GrayImage::from_fn(width, height, |x, y| {
            Luma([multiply(one.get_pixel(x, y).0[0], other.get_pixel(x, y).0[0])])
        });
        self.destination.save_mask(context, product)
    }
}
