//! `apply_mask_to_image`: a mask as opacity.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{invert, luma, put_alpha};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes an image transparent where a mask is black.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ApplyMask {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The mask, which becomes the opacity.
    mask: ImageField,
    /// Whether white is transparent instead.
    #[serde(default)]
    invert_mask: bool,
}

impl Invocation for ApplyMask {
    const TYPE: &'static str = "apply_mask_to_image";
    const SCHEMA_NAME: &'static str = "ApplyMaskToImageInvocation";
    const TITLE: &'static str = "Apply Mask to Image";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let mut image = context.load_image(&self.image.image_name)?.to_rgba8();
        let mask = luma(&context.load_image(&self.mask.image_name)?);
        put_alpha(&mut image, &if self.invert_mask { invert(mask) } else { mask })?;
        self.destination.save(context, image)
    }
}
