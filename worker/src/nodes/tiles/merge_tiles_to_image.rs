//! `merge_tiles_to_image`: an image of its tiles.
use ndarray::{Array3, s};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::blending::{self, Pixels};
use super::grid::{Tile, TileWithImage};
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::nodes::images::destination::Destination;
use crate::nodes::images::pillow::size;

/// Puts tiles together to an image; where they overlap they are blended.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MergeTilesToImage {
    #[serde(flatten)]
    destination: Destination,
    /// The tiles and their images.
    tiles_with_images: Vec<TileWithImage>,
    /// How overlaps are blended.
    #[serde(default)]
    #[schemars(extend("input" = "direct"))]
    blend_mode: BlendMode,
    /// How wide the blend is, in pixels; not wider than the overlaps.
    #[serde(default = "thirty_two")]
    #[schemars(range(min = 0))]
    blend_amount: usize,
}

/// A straight fade, or a seam where both tiles agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum BlendMode {
    Linear,
    #[default]
    Seam,
}

fn thirty_two() -> usize {
    32
}

/// A tile with its pixels.
type Piece = (Tile, Pixels);

fn refuse(reason: &str) -> InvocationError {
    InvocationError::BadInput(reason.to_owned())
}

impl MergeTilesToImage {
    /// Blends `new` over the part of `canvas` from `start` on whose first `overlap` columns it shares.
    /// `is_row`: the pixels are of a row of tiles, on its side.
    fn join(
        &self,
        canvas: &mut Pixels,
        (start, overlap): (usize, usize),
        new: &Pixels,
        is_row: bool,
    ) -> Result<(), InvocationError> {
        if overlap > 0 && overlap < self.blend_amount {
            return Err(refuse("the blend must not be wider than the overlap of the tiles"));
        }
        let end = start + new.dim().1;
        if overlap > new.dim().1 {
            return Err(refuse("the overlap of a tile is larger than the tile"));
        }
        let mut place = canvas.slice_mut(s![.., start..end, ..]);
        let blended = match self.blend_mode {
            BlendMode::Linear => blending::linear(&place.to_owned(), new, overlap, self.blend_amount),
            BlendMode::Seam => {
                blending::along_seam(&place.to_owned(), new, overlap, self.blend_amount, is_row)?
            }
        };
        place.assign(&blended);
        Ok(())
    }

    /// A row of tiles, as high as they are.
    fn row(&self, row: &[Piece], width: usize) -> Result<Pixels, InvocationError> {
        let height = row.first().map_or(0, |(_, pixels)| pixels.dim().0);
        let mut canvas = Array3::zeros((height, width, 3));
        for (tile, pixels) in row {
            let place = (tile.coords.left as usize, tile.overlap.left.max(0) as usize);
            self.join(&mut canvas, place, pixels, false)?;
        }
        Ok(canvas)
    }
}

/// Refuses tiles that lie nowhere, and images that do not fill their tile.
fn check(tile: &Tile, pixels: &Pixels) -> Result<(), InvocationError> {
    let coords = tile.coords;
    let fits = coords.top >= 0
        && coords.left >= 0
        && (coords.bottom - coords.top, coords.right - coords.left)
            == (pixels.dim().0 as i64, pixels.dim().1 as i64);
    if fits { Ok(()) } else { Err(refuse("the image of a tile has another size than the tile")) }
}

impl Invocation for MergeTilesToImage {
    const TYPE: &'static str = "merge_tiles_to_image";
    const SCHEMA_NAME: &'static str = "MergeTilesToImageInvocation";
    const TITLE: &'static str = "Merge Tiles to Image";
    const CATEGORY: &'static str = "tiles";
    const VERSION: &'static str = "1.1.1";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let side = |edge: fn(&Tile) -> i64| {
            self.tiles_with_images.iter().map(|tile| edge(&tile.tile)).max().unwrap_or(0)
        };
        let (width, height) = size(side(|tile| tile.coords.right), side(|tile| tile.coords.bottom))?;
        let mut pieces = Vec::with_capacity(self.tiles_with_images.len());
        for TileWithImage { tile, image } in &self.tiles_with_images {
            let pixels = blending::pixels(&context.load_image(&image.image_name)?.to_rgb8());
            check(tile, &pixels)?;
            pieces.push((*tile, pixels));
        }
        pieces.sort_by_key(|(tile, _)| (tile.coords.top, tile.coords.left));
        let mut canvas = Array3::zeros((height as usize, width as usize, 3));
        for row in pieces.chunk_by(|(one, _), (other, _)| {
            (one.coords.top, one.coords.bottom) == (other.coords.top, other.coords.bottom)
        }) {
            context.check_canceled()?;
            let Some((first, _)) = row.first() else { continue };
            let pixels = blending::turned(&self.row(row, width as usize)?);
            // Rows are joined as columns of the picture on its side.
            let mut on_its_side = blending::turned(&canvas);
            let place = (first.coords.top as usize, first.overlap.top.max(0) as usize);
            self.join(&mut on_its_side, place, &pixels, true)?;
            canvas = blending::turned(&on_its_side);
        }
        self.destination.save(context, blending::picture(&canvas)?)
    }
}
