//! `image_mask_to_tensor`: a dark mask as a tensor.
use schemars::JsonSchema;
use serde::Deserialize;

use super::mask_tensor::save_mask;
use super::pillow::luma;
use crate::invocation::fields::{ImageField, MetadataField};
use crate::invocation::outputs::MaskOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes a tensor of an image: 1 where it is darker than a threshold.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ImageMaskToTensor {
    /// Metadata to save with the image.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The mask.
    image: ImageField,
    /// The threshold.
    #[serde(default = "half")]
    #[schemars(range(min = 0, max = 255))]
    cutoff: u8,
    /// Whether bright is 1 instead.
    #[serde(default)]
    invert: bool,
}

fn half() -> u8 {
    128
}

impl Invocation for ImageMaskToTensor {
    const TYPE: &'static str = "image_mask_to_tensor";
    const SCHEMA_NAME: &'static str = "ImageMaskToTensorInvocation";
    const TITLE: &'static str = "Image Mask to Tensor";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.0.0";
    type Output = MaskOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MaskOutput, InvocationError> {
        tracing::trace!(metadata = self.metadata.is_some(), "a tensor carries none");
        let gray = luma(&context.load_image(&self.image.image_name)?);
        let is_dark = |x: usize, y: usize| gray.get_pixel(x as u32, y as u32).0[0] < self.cutoff;
        Ok(save_mask(context, gray.dimensions(), |x, y| is_dark(x, y) != self.invert))
    }
}
