//! `rectangle_mask`: a rectangle as a mask.
use schemars::JsonSchema;
use serde::Deserialize;

use super::mask_tensor::save_mask;
use super::pillow::size;
use crate::invocation::fields::MetadataField;
use crate::invocation::outputs::MaskOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes a mask that is 1 inside a rectangle.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct RectangleMask {
    /// Metadata to save with the image.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// Width of the mask in pixels.
    width: i64,
    /// Height of the mask in pixels.
    height: i64,
    /// Left edge of the rectangle.
    x_left: i64,
    /// Upper edge of the rectangle.
    y_top: i64,
    /// Width of the rectangle.
    rectangle_width: i64,
    /// Height of the rectangle.
    rectangle_height: i64,
}

impl Invocation for RectangleMask {
    const TYPE: &'static str = "rectangle_mask";
    const SCHEMA_NAME: &'static str = "RectangleMaskInvocation";
    const TITLE: &'static str = "Create Rectangle Mask";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.0.1";
    type Output = MaskOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MaskOutput, InvocationError> {
        tracing::trace!(metadata = self.metadata.is_some(), "a tensor carries none");
        let within = |at: usize, start: i64, length: i64| (start..start + length).contains(&(at as i64));
        Ok(save_mask(context, size(self.width, self.height)?, |x, y| {
            within(x, self.x_left, self.rectangle_width) && within(y, self.y_top, self.rectangle_height)
        }))
    }
}
