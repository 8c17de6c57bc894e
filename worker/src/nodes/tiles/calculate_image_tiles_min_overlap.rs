//! `calculate_image_tiles_min_overlap`: tiles of one size, spread out.
use schemars::JsonSchema;
use serde::Deserialize;

use super::grid::{self, CalculateImageTilesOutput};
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Covers an image with tiles of one size that overlap about equally.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct CalculateImageTilesMinimumOverlap {
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
    /// How far tiles overlap at least.
    #[schemars(range(min = 0))]
    min_overlap: i64,
}

impl Default for CalculateImageTilesMinimumOverlap {
    fn default() -> Self {
        Self { image_width: 1024, image_height: 1024, tile_width: 576, tile_height: 576, min_overlap: 128 }
    }
}

impl Invocation for CalculateImageTilesMinimumOverlap {
    const TYPE: &'static str = "calculate_image_tiles_min_overlap";
    const SCHEMA_NAME: &'static str = "CalculateImageTilesMinimumOverlapInvocation";
    const TITLE: &'static str = "Calculate Image Tiles Minimum Overlap";
    const CATEGORY: &'static str = "tiles";
    const VERSION: &'static str = "1.0.1";
    type Output = CalculateImageTilesOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<CalculateImageTilesOutput, InvocationError> {
        let rows = grid::min_overlap(self.image_height, self.tile_height, self.min_overlap)?;
        let columns = grid::min_overlap(self.image_width, self.tile_width, self.min_overlap)?;
        Ok(CalculateImageTilesOutput { tiles: grid::tiles(&rows, &columns)? })
    }
}
