//! `alpha_mask_to_tensor`: opacity as a tensor.
use schemars::JsonSchema;
use serde::Deserialize;

use super::mask_tensor::save_mask;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::MaskOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes a tensor of an image's opacity: 1 where there is any.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct AlphaMaskToTensor {
    /// The mask.
    image: ImageField,
    /// Whether transparent is 1 instead.
    #[serde(default)]
    invert: bool,
}

impl Invocation for AlphaMaskToTensor {
    const TYPE: &'static str = "alpha_mask_to_tensor";
    const SCHEMA_NAME: &'static str = "AlphaMaskToTensorInvocation";
    const TITLE: &'static str = "Alpha Mask to Tensor";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.0.0";
    type Output = MaskOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MaskOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?.to_rgba8();
        let alpha = |x: usize, y: usize| image.get_pixel(x as u32, y as u32).0[3];
        Ok(save_mask(context, image.dimensions(), |x, y| (alpha(x, y) > 0) != self.invert))
    }
}
