//! `calculate_image_tiles`: tiles of one size.
use schemars::JsonSchema;
use serde::Deserialize;

use super::grid::{self, CalculateImageTilesOutput};
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Covers an image with tiles of one size; the last row and column overlap more if need be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct CalculateImageTiles {
    /// Width of the image in pixels.
    #[schemars(range(min = 1))]
    image_width: i64,
    /// Height of the image in pixels.
    #[schemars(range(min = 1))]
    image_height: i64,
    /// Width of a tile.
    #[schemars(range(min = 1))]
    tile_width: i64,
    /// Height of a tile.
    #[schemars(range(min = 1))]
    tile_height: i64,
    /// How far tiles overlap.
    #[schemars(range(min = 0))]
    overlap: i64,
}

impl Default for CalculateImageTiles {
    fn default() -> Self {
        Self { image_width: 1024, image_height: 1024, tile_width: 576, tile_height: 576, overlap: 128 }
    }
}

impl Invocation for CalculateImageTiles {
    const TYPE: &'static str = "calculate_image_tiles";
    const SCHEMA_NAME: &'static str = "CalculateImageTilesInvocation";
    const TITLE: &'static str = "Calculate Image Tiles";
    const CATEGORY: &'static str = "tiles";
    const VERSION: &'static str = "1.0.1";
    type Output = CalculateImageTilesOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<CalculateImageTilesOutput, InvocationError> {
        let rows = grid::with_overlap(self.image_height, self.tile_height, self.overlap)?;
        let columns = grid::with_overlap(self.image_width, self.tile_width, self.overlap)?;
        Ok(CalculateImageTilesOutput { tiles: grid::tiles(&rows, &columns)? })
    }
}
