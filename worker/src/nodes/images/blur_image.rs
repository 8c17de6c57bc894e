//! `img_blur`: a blurred image.
use image::Rgba;
use schemars::JsonSchema;
use serde::Deserialize;

use super::blur::{box_blur, gaussian_blur};
use super::destination::Destination;
use super::pillow::multiply;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Blurs an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct BlurImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// How far the blur reaches, in pixels.
    #[serde(default = "eight")]
    #[schemars(range(min = 0))]
    radius: f64,
    /// The shape of the blur.
    #[serde(default)]
    blur_type: BlurType,
}

/// The shapes of a blur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum BlurType {
    #[default]
    Gaussian,
    Box,
}

/// Beyond this a blur changes nothing any more, but takes ever longer.
const LARGEST_RADIUS: f64 = 4096.0;

fn eight() -> f64 {
    8.0
}

impl Invocation for BlurImage {
    const TYPE: &'static str = "img_blur";
    const SCHEMA_NAME: &'static str = "ImageBlurInvocation";
    const TITLE: &'static str = "Blur Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let mut image = context.load_image(&self.image.image_name)?.to_rgba8();
        // Colours of transparent pixels must not bleed.
        for Rgba([red, green, blue, alpha]) in image.pixels_mut() {
            [red, green, blue].into_iter().for_each(|color| *color = multiply(*color, *alpha));
        }
        let mut blurred = match self.blur_type {
            BlurType::Gaussian => gaussian_blur(&image, self.radius.min(LARGEST_RADIUS)),
            BlurType::Box => box_blur(&image, self.radius.min(LARGEST_RADIUS)),
        };
        for Rgba([red, green, blue, alpha]) in blurred.pixels_mut() {
            let share = f32::from(*alpha) / 255.0 + 1e-6;
            [red, green, blue]
                .into_iter()
                .for_each(|color| *color = (f32::from(*color) / share).clamp(0.0, 255.0) as u8);
        }
        self.destination.save(context, blurred)
    }
}
