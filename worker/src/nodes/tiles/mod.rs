//! Images in parts.
//!
//! - nodes: [`calculate_image_tiles`], [`calculate_image_tiles_even_split`],
//!   [`calculate_image_tiles_min_overlap`], [`merge_tiles_to_image`], [`pair_tile_image`], [`tile_to_properties`]
//! - what they share: [`grid`]: where tiles lie, [`tiled_image`]: the sizes that nodes ask for, [`blending`]: how they overlap
mod blending;
mod calculate_image_tiles;
mod calculate_image_tiles_even_split;
mod calculate_image_tiles_min_overlap;
mod grid;
mod merge_tiles_to_image;
mod pair_tile_image;
mod tile_to_properties;
mod tiled_image;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![
        register::<calculate_image_tiles::CalculateImageTiles>(),
        register::<calculate_image_tiles_even_split::CalculateImageTilesEvenSplit>(),
        register::<calculate_image_tiles_min_overlap::CalculateImageTilesMinimumOverlap>(),
        register::<tile_to_properties::TileToProperties>(),
        register::<pair_tile_image::PairTileImage>(),
        register::<merge_tiles_to_image::MergeTilesToImage>(),
    ]
}
