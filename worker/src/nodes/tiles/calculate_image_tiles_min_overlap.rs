//! `calculate_image_tiles_min_overlap`: tiles of one size, spread out.
use schemars::JsonSchema;
use serde::Deserialize;

use super::grid::{self, CalculateImageTilesOutput};
use super::tiled_image::{TiledImage, default_overlap};
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Covers an image with tiles of one size that overlap about equally.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CalculateImageTilesMinimumOverlap {
    #[serde(flatten)]
    image: TiledImage,
    /// How far tiles overlap at least.
    #[serde(default = "default_overlap")]
    #[schemars(range(min = 0))]
    min_overlap: i64,
}

impl Invocation for CalculateImageTilesMinimumOverlap {
    const TYPE: &'static str = "calculate_image_tiles_min_overlap";
    const SCHEMA_NAME: &'static str = "CalculateImageTilesMinimumOverlapInvocation";
    const TITLE: &'static str = "Calculate Image Tiles Minimum Overlap";
    const CATEGORY: &'static str = "tiles";
    const VERSION: &'static str = "1.0.1";
    type Output = CalculateImageTilesOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<CalculateImageTilesOutput, InvocationError> {
        self.image.tiles(self.min_overlap, grid::min_overlap)
    }
}
