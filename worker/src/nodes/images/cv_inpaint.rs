//! `cv_inpaint`: a part of an image filled from its surroundings.
use ndarray::Array2;
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::infill_cv2::RADIUS;
use super::pillow::{luma, same_size};
use super::telea::inpaint;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Fills a part of an image by Telea's inpainting.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CvInpaint {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// What stays (white).
    mask: ImageField,
}

impl Invocation for CvInpaint {
    const TYPE: &'static str = "cv_inpaint";
    const SCHEMA_NAME: &'static str = "CvInpaintInvocation";
    const TITLE: &'static str = "OpenCV Inpaint";
    const CATEGORY: &'static str = "inpaint";
    const VERSION: &'static str = "1.3.1";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?.to_rgb8();
        let mask = luma(&context.load_image(&self.mask.image_name)?);
        same_size(image.dimensions(), mask.dimensions())?;
        let missing = Array2::from_shape_fn((mask.height() as usize, mask.width() as usize), |(y, x)| {
            mask.get_pixel(x as u32, y as u32).0[0] != 255
        });
        self.destination.save(context, inpaint(&image, &missing, RADIUS))
    }
}
