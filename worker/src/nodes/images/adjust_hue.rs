//! `img_hue_adjust`: other hues.
use image::DynamicImage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::color_modes::ColorMode;
use super::destination::Destination;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Turns the hues of an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct AdjustHue {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// By how many degrees.
    #[serde(default)]
    hue: i64,
}

impl Invocation for AdjustHue {
    const TYPE: &'static str = "img_hue_adjust";
    const SCHEMA_NAME: &'static str = "ImageHueAdjustmentInvocation";
    const TITLE: &'static str = "Adjust Image Hue";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let turn = (256.0 * self.hue.rem_euclid(360) as f64 / 360.0) as u8;
        let turned = ColorMode::Hsv.change_channel(&image.to_rgb8(), 0, |hue| hue.wrapping_add(turn));
        self.destination.save(context, DynamicImage::ImageRgb8(turned).to_rgba8())
    }
}
