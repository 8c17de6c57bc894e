//! `img_hue_adjust_oklch`: other hues of the same lightness.
use image::Rgb;
use schemars::JsonSchema;
use serde::Deserialize;

use super::colors::{Color, oklab, remainder, srgb, unit};
use super::destination::Destination;
use super::pillow::{change_colors, in_mode_of};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Turns the hues of an image in Oklch.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct AdjustHueOklch {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// By how many degrees.
    #[serde(default)]
    hue: i64,
}

/// Linear sRGB of a colour whose hue is turned in Oklch; it may lie outside of 0…1.
pub(super) fn turned(color: Color, degrees: f32) -> Color {
    let [lightness, chroma, hue] = oklab::to_polar(oklab::from_linear(srgb::to_linear(color)));
    oklab::to_linear(oklab::from_polar([lightness, chroma, remainder(hue + degrees, 360.0)]))
}

impl Invocation for AdjustHueOklch {
    const TYPE: &'static str = "img_hue_adjust_oklch";
    const SCHEMA_NAME: &'static str = "OklchImageHueAdjustmentInvocation";
    const TITLE: &'static str = "Adjust Image Hue (Oklch)";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let degrees = self.hue as f32;
        let result = change_colors(&image.to_rgb8(), |color| {
            Rgb(srgb::from_linear(turned(unit(color.0), degrees)).map(|value| (value * 255.0) as u8))
        });
        self.destination.save(context, in_mode_of(&image, result))
    }
}
