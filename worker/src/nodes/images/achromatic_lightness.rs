//! `invokeai_ealightness`: how bright colours look (High, Green and Nussbaum 2023, doi 10.1002/col.22839).
use std::f32::consts::PI;

use image::{GrayImage, Luma, RgbImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::blend_images::polar_lab;
use super::colors::{byte, remainder};
use super::destination::Destination;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Gives the equivalent achromatic lightness of an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct AchromaticLightness {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
}

/// What hue and chroma add to the lightness. Upstream takes the sum over the whole picture, which then cancels
/// but for rounding; so it is here, in the same precision.
pub(super) fn adjustment(picture: &RgbImage) -> f32 {
    let of = |pixel: &image::Rgb<u8>| {
        let [_, chroma, hue] = polar_lab(pixel.0);
        let from_yellow = remainder(hue - PI / 2.0 + 3.0 * PI, 2.0 * PI) - PI;
        let yellow_blue = 0.1644 * (from_yellow / 2.0).sin().abs() + 0.0603;
        let red = if hue.abs() <= PI / 2.0 { 0.1307 * hue.cos().abs() + 0.0060 } else { 0.0 };
        f64::from((yellow_blue + red) * chroma)
    };
    picture.pixels().map(of).sum::<f64>() as f32
}

impl Invocation for AchromaticLightness {
    const TYPE: &'static str = "invokeai_ealightness";
    const SCHEMA_NAME: &'static str = "InvokeEquivalentAchromaticLightnessInvocation";
    const TITLE: &'static str = "Equivalent Achromatic Lightness";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let picture = context.load_image(&self.image.image_name)?.to_rgb8();
        let adjustment = adjustment(&picture);
        let (least, most) = (adjustment, 1.0 + adjustment);
        let lightness = GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
            let [lightness, ..] = polar_lab(picture.get_pixel(x, y).0);
            Luma([byte((lightness + adjustment - least) / (most - least))])
        });
        self.destination.save(context, lightness)
    }
}
