//! `unsharp_mask`: a crisper image.
use image::RgbImage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::blur::gaussian_blur;
use super::pillow::in_mode_of;
use super::sharpening::Sharpening;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes an image crisper by what a blur takes away.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct UnsharpMask {
    #[serde(flatten)]
    sharpening: Sharpening,
}

impl Invocation for UnsharpMask {
    const TYPE: &'static str = "unsharp_mask";
    const SCHEMA_NAME: &'static str = "UnsharpMaskInvocation";
    const TITLE: &'static str = "Unsharp Mask";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let Sharpening { destination, image, radius, strength } = self.sharpening;
        let image = context.load_image(&image.image_name)?;
        let rgb = image.to_rgb8();
        let blurred = gaussian_blur(&rgb, radius);
        let sharpen = |(value, blurred): (&u8, &u8)| {
            let (value, blurred) = (f64::from(*value) / 255.0, f64::from(*blurred) / 255.0);
            let value = value + (value - blurred) * (strength / 100.0);
            (value.clamp(0.0, 1.0) * 255.0) as u8
        };
        let sharp: Vec<u8> = rgb.iter().zip(blurred.iter()).map(sharpen).collect();
        let sharp = RgbImage::from_raw(rgb.width(), rgb.height(), sharp)
            .ok_or_else(|| InvocationError::Internal("the sharpened image has another size".to_owned()))?;
        destination.save(context, in_mode_of(&image, sharp))
    }
}
