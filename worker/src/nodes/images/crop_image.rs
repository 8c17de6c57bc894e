//! `img_crop`: a rectangle of an image.
use image::RgbaImage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{paste, size};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Cuts a rectangle out of an image. What lies outside of it is transparent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CropImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// Left edge in the image.
    #[serde(default)]
    x: i64,
    /// Upper edge in the image.
    #[serde(default)]
    y: i64,
    /// Width of the rectangle.
    #[serde(default = "side")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    width: i64,
    /// Height of the rectangle.
    #[serde(default = "side")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    height: i64,
}

fn side() -> i64 {
    512
}

impl Invocation for CropImage {
    const TYPE: &'static str = "img_crop";
    const SCHEMA_NAME: &'static str = "ImageCropInvocation";
    const TITLE: &'static str = "Crop Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?.to_rgba8();
        let (width, height) = size(self.width, self.height)?;
        let mut result = RgbaImage::new(width, height);
        paste(&mut result, &image, (-self.x, -self.y), None);
        self.destination.save(context, result)
    }
}
