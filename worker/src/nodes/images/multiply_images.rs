//! `img_mul`: the product of two images.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{from_bytes, multiply};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Multiplies two images of one size and kind, pixel by pixel.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MultiplyImages {
    #[serde(flatten)]
    destination: Destination,
    /// The one image.
    image1: ImageField,
    /// The other image.
    image2: ImageField,
}

impl Invocation for MultiplyImages {
    const TYPE: &'static str = "img_mul";
    const SCHEMA_NAME: &'static str = "ImageMultiplyInvocation";
    const TITLE: &'static str = "Multiply Images";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let mut one = context.load_image(&self.image1.image_name)?;
        let other = context.load_image(&self.image2.image_name)?;
        if one.color() != other.color() {
            return Err(InvocationError::BadInput("image has wrong mode".to_owned()));
        }
        // The smaller of both, as upstream.
        let (width, height) = (one.width().min(other.width()), one.height().min(other.height()));
        let other = other.crop_imm(0, 0, width, height);
        one = one.crop_imm(0, 0, width, height);
        let product = one.as_bytes().iter().zip(other.as_bytes()).map(|(a, b)| multiply(*a, *b)).collect();
        let product = from_bytes(&one, product)
            .ok_or_else(|| InvocationError::BadInput("image has wrong mode".to_owned()))?;
        self.destination.save(context, product)
    }
}
