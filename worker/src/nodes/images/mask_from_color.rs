//! `mask_from_id`: a mask of one colour.
use image::{GrayImage, Luma};
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::invert;
use crate::invocation::fields::{ColorField, ImageField};
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes a mask of the pixels that are near a colour.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MaskFromColor {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The colour.
    color: ColorField,
    /// How far a pixel may be from the colour.
    #[serde(default = "hundred")]
    threshold: i64,
    /// Whether the other pixels are white.
    #[serde(default)]
    invert: bool,
}

fn hundred() -> i64 {
    100
}

impl Invocation for MaskFromColor {
    const TYPE: &'static str = "mask_from_id";
    const SCHEMA_NAME: &'static str = "MaskFromIDInvocation";
    const TITLE: &'static str = "Mask from Segmented Image";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.0.1";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?.to_rgba8();
        let color = [self.color.r, self.color.g, self.color.b, self.color.a];
        let mask = GrayImage::from_fn(image.width(), image.height(), |x, y| {
            let values = image.get_pixel(x, y).0.into_iter().zip(color);
            let square: i64 = values.map(|(value, wanted)| (i64::from(value) - wanted).pow(2)).sum();
            Luma([if (square as f64).sqrt() < self.threshold as f64 { 255 } else { 0 }])
        });
        self.destination.save_mask(context, if self.invert { invert(mask) } else { mask })
    }
}
