//! `blank_image`: an image of one colour.
use image::{DynamicImage, Rgb, RgbImage, Rgba, RgbaImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::size;
use crate::invocation::fields::ColorField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes an image of a single colour.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct BlankImage {
    #[serde(flatten)]
    destination: Destination,
    /// Width in pixels.
    #[serde(default = "side")]
    width: i64,
    /// Height in pixels.
    #[serde(default = "side")]
    height: i64,
    /// Without or with opacity.
    #[serde(default)]
    mode: BlankMode,
    /// The colour.
    #[serde(default = "black")]
    color: ColorField,
}

/// The modes of a blank image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub(crate) enum BlankMode {
    #[default]
    Rgb,
    Rgba,
}

fn side() -> i64 {
    512
}

fn black() -> ColorField {
    ColorField { r: 0, g: 0, b: 0, a: 255 }
}

/// Red, green, blue, opacity.
pub(super) fn channels(color: &ColorField) -> [u8; 4] {
    [color.r, color.g, color.b, color.a].map(|value| value.clamp(0, 255) as u8)
}

impl Invocation for BlankImage {
    const TYPE: &'static str = "blank_image";
    const SCHEMA_NAME: &'static str = "BlankImageInvocation";
    const TITLE: &'static str = "Blank Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let (width, height) = size(self.width, self.height)?;
        let [red, green, blue, alpha] = channels(&self.color);
        let image = match self.mode {
            BlankMode::Rgb => {
                DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb([red, green, blue])))
            }
            BlankMode::Rgba => DynamicImage::ImageRgba8(RgbaImage::from_pixel(
                width,
                height,
                Rgba([red, green, blue, alpha]),
            )),
        };
        self.destination.save(context, image)
    }
}
