//! `get_image_mask_bounding_box`: where a colour is in a mask.
use schemars::JsonSchema;
use serde::Deserialize;

use super::blank_image::channels;
use crate::invocation::fields::{BoundingBoxField, ColorField, ImageField};
use crate::invocation::outputs::BoundingBoxOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Gives the rectangle around a colour of a mask; the last column and row are inside.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MaskBoundingBox {
    /// The mask.
    mask: ImageField,
    /// By how many pixels the rectangle grows.
    #[serde(default)]
    margin: i64,
    /// The colour.
    #[serde(default = "white")]
    mask_color: ColorField,
}

fn white() -> ColorField {
    ColorField { r: 255, g: 255, b: 255, a: 255 }
}

impl Invocation for MaskBoundingBox {
    const TYPE: &'static str = "get_image_mask_bounding_box";
    const SCHEMA_NAME: &'static str = "GetMaskBoundingBoxInvocation";
    const TITLE: &'static str = "Get Image Mask Bounding Box";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.0.0";
    type Output = BoundingBoxOutput;

    fn invoke(self, context: &InvocationContext) -> Result<BoundingBoxOutput, InvocationError> {
        let mask = context.load_image(&self.mask.image_name)?.to_rgba8();
        let color = channels(&self.mask_color);
        let places = mask.enumerate_pixels().filter(|(.., pixel)| pixel.0 == color);
        let around = places.fold(None, |around, (x, y, _)| {
            let (x, y) = (i64::from(x), i64::from(y));
            let (left, top, right, bottom) = around.unwrap_or((x, y, x, y));
            Some((left.min(x), top.min(y), right.max(x), bottom.max(y)))
        });
        let bounding_box = match around {
            None => BoundingBoxField { x_min: 0, x_max: 0, y_min: 0, y_max: 0, score: None },
            Some((left, top, right, bottom)) => BoundingBoxField {
                x_min: left.saturating_sub(self.margin).max(0),
                y_min: top.saturating_sub(self.margin).max(0),
                x_max: right.saturating_add(self.margin).min(i64::from(mask.width())),
                y_max: bottom.saturating_add(self.margin).min(i64::from(mask.height())),
                score: None,
            },
        };
        Ok(BoundingBoxOutput { bounding_box })
    }
}
