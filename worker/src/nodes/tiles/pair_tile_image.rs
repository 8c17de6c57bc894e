//! `pair_tile_image`: a tile with its image.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grid::{Tile, TileWithImage};
use crate::invocation::fields::ImageField;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Puts an image and its tile together.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct PairTileImage {
    /// The image.
    image: ImageField,
    /// Where it lies.
    tile: Tile,
}

/// A tile with its image.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PairTileImageOutput {
    /// The two.
    tile_with_image: TileWithImage,
}

impl InvocationOutput for PairTileImageOutput {
    const TYPE: &'static str = "pair_tile_image_output";
    const SCHEMA_NAME: &'static str = "PairTileImageOutput";
}

impl Invocation for PairTileImage {
    const TYPE: &'static str = "pair_tile_image";
    const SCHEMA_NAME: &'static str = "PairTileImageInvocation";
    const TITLE: &'static str = "Pair Tile with Image";
    const CATEGORY: &'static str = "tiles";
    const VERSION: &'static str = "1.0.1";
    type Output = PairTileImageOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<PairTileImageOutput, InvocationError> {
        Ok(PairTileImageOutput { tile_with_image: TileWithImage { tile: self.tile, image: self.image } })
    }
}
