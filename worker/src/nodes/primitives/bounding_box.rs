//! `bounding_box`: a rectangle of pixels.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::BoundingBoxField;
use crate::invocation::outputs::BoundingBoxOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A rectangle of pixels.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct BoundingBox {
    /// The left edge.
    x_min: i64,
    /// The upper edge.
    y_min: i64,
    /// The right edge, which is outside.
    x_max: i64,
    /// The lower edge, which is outside.
    y_max: i64,
}

impl Invocation for BoundingBox {
    const TYPE: &'static str = "bounding_box";
    const SCHEMA_NAME: &'static str = "BoundingBoxInvocation";
    const TITLE: &'static str = "Bounding Box";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.0";
    type Output = BoundingBoxOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<BoundingBoxOutput, InvocationError> {
        let Self { x_min, y_min, x_max, y_max } = self;
        if x_min > x_max {
            return Err(InvocationError::BadInput(format!(
                "x_min ({x_min}) is greater than x_max ({x_max})."
            )));
        }
        if y_min > y_max {
            return Err(InvocationError::BadInput(format!(
                "y_min ({y_min}) is greater than y_max ({y_max})."
            )));
        }
        Ok(BoundingBoxOutput { bounding_box: BoundingBoxField { x_min, x_max, y_min, y_max, score: None } })
    }
}
