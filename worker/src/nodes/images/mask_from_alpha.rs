//! `tomask`: opacity as a mask.
use image::{DynamicImage, GrayImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{channel, invert};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes a mask of an image's opacity.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MaskFromAlpha {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// Whether opaque is black.
    #[serde(default)]
    invert: bool,
}

/// The opacity; of an image without, its last channel, as upstream.
fn last_channel(image: &DynamicImage) -> GrayImage {
    match image {
        DynamicImage::ImageLuma8(gray) => gray.clone(),
        image if image.color().has_alpha() => channel(&image.to_rgba8(), 3),
        image => channel(&image.to_rgba8(), 2),
    }
}

impl Invocation for MaskFromAlpha {
    const TYPE: &'static str = "tomask";
    const SCHEMA_NAME: &'static str = "MaskFromAlphaInvocation";
    const TITLE: &'static str = "Mask from Alpha";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let mask = last_channel(&image);
        self.destination.save_mask(context, if self.invert { invert(mask) } else { mask })
    }
}
