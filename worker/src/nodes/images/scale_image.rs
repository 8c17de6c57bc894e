//! `img_scale`: an image by a factor.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::size;
use super::resample::{ResampleMode, resize};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes an image larger or smaller by a factor.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ScaleImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The factor.
    #[serde(default = "two")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    scale_factor: f64,
    /// How values between pixels are found.
    #[serde(default)]
    resample_mode: ResampleMode,
}

fn two() -> f64 {
    2.0
}

impl Invocation for ScaleImage {
    const TYPE: &'static str = "img_scale";
    const SCHEMA_NAME: &'static str = "ImageScaleInvocation";
    const TITLE: &'static str = "Scale Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let scaled = |side: u32| (f64::from(side) * self.scale_factor) as i64;
        let (width, height) = size(scaled(image.width()), scaled(image.height()))?;
        self.destination.save(context, resize(&image, width, height, self.resample_mode))
    }
}
