//! `infill_cv2`: transparent pixels filled from their surroundings.
use image::DynamicImage;
use ndarray::Array2;
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::telea::inpaint;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Fills what is not opaque by Telea's inpainting.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct InfillCv2 {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
}

/// How far around a pixel its colour is looked for (OpenCV's `inpaintRadius`).
pub(super) const RADIUS: usize = 3;

impl Invocation for InfillCv2 {
    const TYPE: &'static str = "infill_cv2";
    const SCHEMA_NAME: &'static str = "CV2InfillInvocation";
    const TITLE: &'static str = "CV2 Infill";
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
        let missing = Array2::from_shape_fn((image.height() as usize, image.width() as usize), |(y, x)| {
            image.get_pixel(x as u32, y as u32).0[3] != 255
        });
        let colors = DynamicImage::ImageRgba8(image).to_rgb8();
        self.destination.save(context, inpaint(&colors, &missing, RADIUS))
    }
}
