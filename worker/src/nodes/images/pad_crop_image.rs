//! `img_pad_crop`: more or fewer pixels at the sides.
use image::RgbaImage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{paste, size};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Adds transparent pixels at the sides of an image, or takes pixels away where the number is negative.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct PadCropImage {
    /// The image.
    image: ImageField,
    /// Pixels at the left.
    #[serde(default)]
    left: i64,
    /// Pixels at the right.
    #[serde(default)]
    right: i64,
    /// Pixels at the top.
    #[serde(default)]
    top: i64,
    /// Pixels at the bottom.
    #[serde(default)]
    bottom: i64,
}

impl Invocation for PadCropImage {
    const TYPE: &'static str = "img_pad_crop";
    const SCHEMA_NAME: &'static str = "CenterPadCropInvocation";
    const TITLE: &'static str = "Center Pad or Crop Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?.to_rgba8();
        let width = i64::from(image.width()) + self.left + self.right;
        let height = i64::from(image.height()) + self.top + self.bottom;
        let (width, height) = size(width, height)?;
        let mut result = RgbaImage::new(width, height);
        paste(&mut result, &image, (self.left, self.top), None);
        Destination::default().save(context, result)
    }
}
