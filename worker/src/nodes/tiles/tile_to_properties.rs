//! `tile_to_properties`: the numbers of a tile.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grid::Tile;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Where a tile lies and how far it overlaps.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct TileToProperties {
    /// The tile.
    tile: Tile,
}

/// A tile's numbers, in pixels of the image.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TileToPropertiesOutput {
    /// Left edge.
    coords_left: i64,
    /// Right edge, which is outside.
    coords_right: i64,
    /// Upper edge.
    coords_top: i64,
    /// Lower edge, which is outside.
    coords_bottom: i64,
    /// Width.
    width: i64,
    /// Height.
    height: i64,
    /// Rows that the tile above has too.
    overlap_top: i64,
    /// Rows that the tile below has too.
    overlap_bottom: i64,
    /// Columns that the tile to the left has too.
    overlap_left: i64,
    /// Columns that the tile to the right has too.
    overlap_right: i64,
}

impl InvocationOutput for TileToPropertiesOutput {
    const TYPE: &'static str = "tile_to_properties_output";
    const SCHEMA_NAME: &'static str = "TileToPropertiesOutput";
}

impl Invocation for TileToProperties {
    const TYPE: &'static str = "tile_to_properties";
    const SCHEMA_NAME: &'static str = "TileToPropertiesInvocation";
    const TITLE: &'static str = "Tile to Properties";
    const CATEGORY: &'static str = "tiles";
    const VERSION: &'static str = "1.0.1";
    type Output = TileToPropertiesOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<TileToPropertiesOutput, InvocationError> {
        let Tile { coords, overlap } = self.tile;
        Ok(TileToPropertiesOutput {
            coords_left: coords.left,
            coords_right: coords.right,
            coords_top: coords.top,
            coords_bottom: coords.bottom,
            width: coords.right - coords.left,
            height: coords.bottom - coords.top,
            overlap_top: overlap.top,
            overlap_bottom: overlap.bottom,
            overlap_left: overlap.left,
            overlap_right: overlap.right,
        })
    }
}
