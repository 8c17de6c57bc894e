//! `unsharp_mask_oklab`: an image with sharper lightness.
use image::RgbImage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::blur::gaussian_blur;
use super::colors::{oklab, srgb, unit};
use super::pillow::in_mode_of;
use super::sharpening::Sharpening;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Sharpens the lightness of Oklab by what a blur takes away.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct UnsharpMaskOklab {
    #[serde(flatten)]
    sharpening: Sharpening,
}

impl Invocation for UnsharpMaskOklab {
    const TYPE: &'static str = "unsharp_mask_oklab";
    const SCHEMA_NAME: &'static str = "OklabUnsharpMaskInvocation";
    const TITLE: &'static str = "Unsharp Mask (Oklab)";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let Sharpening { destination, image, radius, strength } = self.sharpening;
        let image = context.load_image(&image.image_name)?;
        let rgb = image.to_rgb8();
        let blurred = gaussian_blur(&rgb, radius);
        let share = (strength / 100.0) as f32;
        let sharp = RgbImage::from_fn(rgb.width(), rgb.height(), |x, y| {
            let lab =
                |picture: &RgbImage| oklab::from_linear(srgb::to_linear(unit(picture.get_pixel(x, y).0)));
            let mut own = lab(&rgb);
            own[0] += (own[0] - lab(&blurred)[0]) * share;
            let light = oklab::to_linear(own.map(|value| value.clamp(-1.0, 1.0)));
            image::Rgb(srgb::from_linear(light).map(|value| (value * 255.0) as u8))
        });
        destination.save(context, in_mode_of(&image, sharp))
    }
}
