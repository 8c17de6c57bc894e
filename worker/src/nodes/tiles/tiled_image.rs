//! An image and the tiles that cover it.
use schemars::JsonSchema;
use serde::Deserialize;

use super::grid::{self, CalculateImageTilesOutput, Span};
use crate::invocation::InvocationError;

/// Sizes of an image and of its tiles, in pixels.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct TiledImage {
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
}

impl Default for TiledImage {
    fn default() -> Self {
        Self { image_width: 1024, image_height: 1024, tile_width: 576, tile_height: 576 }
    }
}

impl TiledImage {
    /// The tiles, when `spread` says where they lie along an axis: it gets the image's size, a tile's and the overlap.
    pub(super) fn tiles(
        &self,
        overlap: i64,
        spread: fn(i64, i64, i64) -> Result<Vec<Span>, InvocationError>,
    ) -> Result<CalculateImageTilesOutput, InvocationError> {
        let rows = spread(self.image_height, self.tile_height, overlap)?;
        let columns = spread(self.image_width, self.tile_width, overlap)?;
        Ok(CalculateImageTilesOutput { tiles: grid::tiles(&rows, &columns)? })
    }
}

/// How far tiles overlap if nobody says, in pixels.
pub(super) fn default_overlap() -> i64 {
    128
}
