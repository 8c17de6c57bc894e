//! `mask_edge`: a mask of another mask's edge.
use image::{GrayImage, Luma};
use schemars::JsonSchema;
use serde::Deserialize;

use super::blur::box_blur;
use super::canny::edges;
use super::destination::Destination;
use super::morphology::erode;
use super::pillow::{invert, luma};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes a mask of the edge of a mask: black there.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MaskEdge {
    #[serde(flatten)]
    destination: Destination,
    /// The mask.
    image: ImageField,
    /// How wide the edge is, in pixels.
    edge_size: i64,
    /// How soft the edge is, in pixels.
    edge_blur: i64,
    /// How steep an edge must be that is connected with a steep one.
    low_threshold: i64,
    /// How steep an edge must be.
    high_threshold: i64,
}

/// A wider edge than masks are.
const WIDEST: i64 = 8192;

impl Invocation for MaskEdge {
    const TYPE: &'static str = "mask_edge";
    const SCHEMA_NAME: &'static str = "MaskEdgeInvocation";
    const TITLE: &'static str = "Mask Edge";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let mask = luma(&context.load_image(&self.image.image_name)?);
        let value = |x, y, _| mask.get_pixel(x, y).0[0];
        let lines = edges(mask.dimensions(), 1, value, (self.low_threshold, self.high_threshold));
        let edge = GrayImage::from_fn(mask.width(), mask.height(), |x, y| {
            // Greys belong to the edge; upstream's sum of bytes wraps around.
            let grey: u8 = if matches!(mask.get_pixel(x, y).0[0], 0 | 255) { 0 } else { 255 };
            Luma([grey.wrapping_add(lines.get_pixel(x, y).0[0])])
        });
        // The dark of the opposite grows where the bright of the edge does.
        let reach = (self.edge_size / 2).clamp(0, WIDEST) as u32;
        let result = erode(&invert(edge), 2 * reach + 1);
        let result = if self.edge_blur > 0 {
            invert(box_blur(&invert(result), self.edge_blur.min(WIDEST) as f64))
        } else {
            result
        };
        self.destination.save_mask(context, result)
    }
}
