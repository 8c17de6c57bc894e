//! `tensor_mask_to_image`: a mask as an image.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::mask_tensor::{as_picture, load_mask};
use crate::invocation::fields::TensorField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes an image of a mask: white where it is 1.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct TensorMaskToImage {
    #[serde(flatten)]
    destination: Destination,
    /// The mask.
    mask: TensorField,
}

impl Invocation for TensorMaskToImage {
    const TYPE: &'static str = "tensor_mask_to_image";
    const SCHEMA_NAME: &'static str = "MaskTensorToImageInvocation";
    const TITLE: &'static str = "Tensor Mask to Image";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.1.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let mask = load_mask(context, &self.mask.tensor_name)?;
        self.destination.save(context, as_picture(&mask))
    }
}
