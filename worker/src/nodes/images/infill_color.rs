//! `infill_rgba`: a colour where an image is transparent.
use image::{DynamicImage, Rgba, RgbaImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::blank_image::channels;
use super::destination::Destination;
use super::pillow::{alpha_composite, channel, paste};
use crate::invocation::fields::{ColorField, ImageField};
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Fills transparent pixels with a colour.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct InfillColor {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The colour.
    #[serde(default = "gray")]
    color: ColorField,
}

fn gray() -> ColorField {
    ColorField { r: 127, g: 127, b: 127, a: 255 }
}

impl Invocation for InfillColor {
    const TYPE: &'static str = "infill_rgba";
    const SCHEMA_NAME: &'static str = "InfillColorInvocation";
    const TITLE: &'static str = "Solid Color Infill";
    const CATEGORY: &'static str = "inpaint";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = match context.load_image(&self.image.image_name)? {
            DynamicImage::ImageRgba8(image) => image,
            opaque => {
                return Ok(ImageOutput { image: self.image, width: opaque.width(), height: opaque.height() });
            }
        };
        let ground = RgbaImage::from_pixel(image.width(), image.height(), Rgba(channels(&self.color)));
        let mut filled = alpha_composite(&ground, &image);
        paste(&mut filled, &image, (0, 0), Some(&channel(&image, 3)));
        self.destination.save(context, filled)
    }
}
