//! `calculate_image_tiles`: tiles of one size.
use schemars::JsonSchema;
use serde::Deserialize;

use super::grid::{self, CalculateImageTilesOutput};
use super::tiled_image::{TiledImage, default_overlap};
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Covers an image with tiles of one size; the last row and column overlap more if need be.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CalculateImageTiles {
    #[serde(flatten)]
    image: TiledImage,
    /// How far tiles overlap.
    #[serde(default = "default_overlap")]
    #[schemars(range(min = 0))]
    overlap: i64,
}

impl Invocation for CalculateImageTiles {
    const TYPE: &'static str = "calculate_image_tiles";
    const SCHEMA_NAME: &'static str = "CalculateImageTilesInvocation";
    const TITLE: &'static str = "Calculate Image Tiles";
    const CATEGORY: &'static str = "tiles";
    const VERSION: &'static str = "1.0.1";
    type Output = CalculateImageTilesOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<CalculateImageTilesOutput, InvocationError> {
        self.image.tiles(self.overlap, grid::with_overlap)
    }
}
