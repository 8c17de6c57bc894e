//! `img_conv`: an image in another mode.
use image::DynamicImage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::luma;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Converts an image to another mode.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ConvertImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The mode.
    #[serde(default)]
    mode: ImageMode,
}

/// Pillow's modes. Only the first three can be kept as PNG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum ImageMode {
    #[default]
    L,
    #[serde(rename = "RGB")]
    Rgb,
    #[serde(rename = "RGBA")]
    Rgba,
    #[serde(rename = "CMYK")]
    Cmyk,
    YCbCr,
    #[serde(rename = "LAB")]
    Lab,
    #[serde(rename = "HSV")]
    Hsv,
    I,
    F,
}

impl Invocation for ConvertImage {
    const TYPE: &'static str = "img_conv";
    const SCHEMA_NAME: &'static str = "ImageConvertInvocation";
    const TITLE: &'static str = "Convert Image Mode";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let converted: DynamicImage = match self.mode {
            ImageMode::L => luma(&image).into(),
            ImageMode::Rgb => image.to_rgb8().into(),
            ImageMode::Rgba => image.to_rgba8().into(),
            other => {
                return Err(InvocationError::BadInput(format!(
                    "cannot write an image of mode {other:?} as PNG"
                )));
            }
        };
        self.destination.save(context, converted)
    }
}
