//! `invert_tensor_mask`: the opposite of a mask.
use schemars::JsonSchema;
use serde::Deserialize;

use super::mask_tensor::{load_mask, save_mask};
use crate::invocation::fields::TensorField;
use crate::invocation::outputs::MaskOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Swaps the inside and the outside of a mask.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct InvertTensorMask {
    /// The mask.
    mask: TensorField,
}

impl Invocation for InvertTensorMask {
    const TYPE: &'static str = "invert_tensor_mask";
    const SCHEMA_NAME: &'static str = "InvertTensorMaskInvocation";
    const TITLE: &'static str = "Invert Tensor Mask";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.1.0";
    type Output = MaskOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MaskOutput, InvocationError> {
        let mask = load_mask(context, &self.mask.tensor_name)?;
        let size = (mask.ncols() as u32, mask.nrows() as u32);
        Ok(save_mask(context, size, |x, y| !mask[[y, x]]))
    }
}
