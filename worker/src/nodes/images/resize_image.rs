//! `img_resize`: an image at a size.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::size;
use super::resample::{ResampleMode, resize};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Brings an image to a size.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ResizeImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// Width in pixels.
    #[serde(default = "side")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    width: i64,
    /// Height in pixels.
    #[serde(default = "side")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    height: i64,
    /// How values between pixels are found.
    #[serde(default)]
    resample_mode: ResampleMode,
}

fn side() -> i64 {
    512
}

impl Invocation for ResizeImage {
    const TYPE: &'static str = "img_resize";
    const SCHEMA_NAME: &'static str = "ImageResizeInvocation";
    const TITLE: &'static str = "Resize Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let (width, height) = size(self.width, self.height)?;
        self.destination.save(context, resize(&image, width, height, self.resample_mode))
    }
}
