//! `calculate_image_tiles_even_split`: so many tiles.
use schemars::JsonSchema;
use serde::Deserialize;

use super::grid::{self, CalculateImageTilesOutput};
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Splits an image into so many rows and columns of tiles.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct CalculateImageTilesEvenSplit {
    /// Width of the image in pixels.
    #[schemars(range(min = 1))]
    image_width: i64,
    /// Height of the image in pixels.
    #[schemars(range(min = 1))]
    image_height: i64,
    /// How many tiles in a row.
    #[schemars(range(min = 1))]
    num_tiles_x: i64,
    /// How many rows.
    #[schemars(range(min = 1))]
    num_tiles_y: i64,
    /// How far tiles overlap.
    #[schemars(range(min = 0), extend("multipleOf" = 8))]
    overlap: i64,
}

impl Default for CalculateImageTilesEvenSplit {
    fn default() -> Self {
        Self { image_width: 1024, image_height: 1024, num_tiles_x: 2, num_tiles_y: 2, overlap: 128 }
    }
}

impl Invocation for CalculateImageTilesEvenSplit {
    const TYPE: &'static str = "calculate_image_tiles_even_split";
    const SCHEMA_NAME: &'static str = "CalculateImageTilesEvenSplitInvocation";
    const TITLE: &'static str = "Calculate Image Tiles Even Split";
    const CATEGORY: &'static str = "tiles";
    const VERSION: &'static str = "1.1.1";
    type Output = CalculateImageTilesOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<CalculateImageTilesOutput, InvocationError> {
        grid::check_even(self.image_width, self.image_height)?;
        let rows = grid::even_split(self.image_height, self.num_tiles_y, self.overlap)?;
        let columns = grid::even_split(self.image_width, self.num_tiles_x, self.overlap)?;
        Ok(CalculateImageTilesOutput { tiles: grid::tiles(&rows, &columns)? })
    }
}
