//! `image_panel_layout`: one panel of a grid.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Gives where a panel of a grid lies.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ImagePanelLayout {
    /// Width of the grid in pixels.
    width: i64,
    /// Height of the grid in pixels.
    height: i64,
    /// Columns of the grid.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    num_cols: i64,
    /// Rows of the grid.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    num_rows: i64,
    /// The panel's column, from 0.
    #[serde(default)]
    #[schemars(range(min = 0))]
    panel_col_idx: i64,
    /// The panel's row, from 0.
    #[serde(default)]
    #[schemars(range(min = 0))]
    panel_row_idx: i64,
}

fn one() -> i64 {
    1
}

/// Where a panel lies, in pixels.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImagePanelCoordinateOutput {
    /// Its left edge.
    x_left: i64,
    /// Its upper edge.
    y_top: i64,
    /// Its width.
    width: i64,
    /// Its height.
    height: i64,
}

impl InvocationOutput for ImagePanelCoordinateOutput {
    const TYPE: &'static str = "image_panel_coordinate_output";
    const SCHEMA_NAME: &'static str = "ImagePanelCoordinateOutput";
}

/// Where a part of a side begins, and its length.
fn part(length: i64, parts: i64, index: i64, name: &str) -> Result<(i64, i64), InvocationError> {
    if !(0..parts).contains(&index) {
        return Err(InvocationError::BadInput(format!("{name} must be between 0 and {}", parts - 1)));
    }
    let side = length.div_euclid(parts);
    Ok((index * side, side))
}

impl Invocation for ImagePanelLayout {
    const TYPE: &'static str = "image_panel_layout";
    const SCHEMA_NAME: &'static str = "ImagePanelLayoutInvocation";
    const TITLE: &'static str = "Image Panel Layout";
    const CATEGORY: &'static str = "canvas";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "prototype";
    type Output = ImagePanelCoordinateOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<ImagePanelCoordinateOutput, InvocationError> {
        let (x_left, width) = part(self.width, self.num_cols, self.panel_col_idx, "panel_col_idx")?;
        let (y_top, height) = part(self.height, self.num_rows, self.panel_row_idx, "panel_row_idx")?;
        Ok(ImagePanelCoordinateOutput { x_left, y_top, width, height })
    }
}
