//! Where tiles lie. Rows and columns are independent, so each is worked out along one axis.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invocation::fields::ImageField;
use crate::invocation::{InvocationError, InvocationOutput};

/// Pixels to a latent value; tiles of an even split are multiples of it.
const PIXELS: i64 = 8;
/// More tiles than that are a mistake.
const MOST: usize = 100_000;

/// Top, bottom, left and right, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::upper_case_acronyms, reason = "the name of upstream's schema")]
pub(crate) struct TBLR {
    /// Top.
    pub(super) top: i64,
    /// Bottom.
    pub(super) bottom: i64,
    /// Left.
    pub(super) left: i64,
    /// Right.
    pub(super) right: i64,
}

/// A part of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Tile {
    /// Where it lies; bottom and right are outside.
    pub(super) coords: TBLR,
    /// How far its neighbours reach into it.
    pub(super) overlap: TBLR,
}

/// A part of an image and what is on it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TileWithImage {
    /// Where it lies.
    pub(super) tile: Tile,
    /// What is on it.
    pub(super) image: ImageField,
}

/// Tiles, row by row.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CalculateImageTilesOutput {
    /// The tiles.
    pub(super) tiles: Vec<Tile>,
}

impl InvocationOutput for CalculateImageTilesOutput {
    const TYPE: &'static str = "calculate_image_tiles_output";
    const SCHEMA_NAME: &'static str = "CalculateImageTilesOutput";
}

/// Begin and end of a tile along one axis.
pub(super) type Span = (i64, i64);

fn check(holds: bool, reason: impl FnOnce() -> String) -> Result<(), InvocationError> {
    if holds { Ok(()) } else { Err(InvocationError::BadInput(reason())) }
}

/// How many tiles; refuses a number that only fills the memory.
fn count(length: i64, step: i64) -> Result<i64, InvocationError> {
    let count = (length + step - 1) / step;
    check(count <= MOST as i64, || format!("{count} tiles along one side are too many"))?;
    Ok(count)
}

/// Tiles that overlap by `overlap`; the last one ends with the image.
pub(super) fn with_overlap(image: i64, tile: i64, overlap: i64) -> Result<Vec<Span>, InvocationError> {
    check(image >= tile, || format!("The tile size ({tile}) must not be larger than the image ({image})"))?;
    check((0..tile).contains(&overlap), || {
        format!("The overlap ({overlap}) must be smaller than the tile ({tile})")
    })?;
    let span = |index: i64| {
        let begin = (index * (tile - overlap)).min(image - tile);
        (begin, begin + tile)
    };
    Ok((0..count(image - overlap, tile - overlap)?).map(span).collect())
}

/// Refuses images that cannot be split at multiples of a latent value.
pub(super) fn check_even(width: i64, height: i64) -> Result<(), InvocationError> {
    check(width % PIXELS == 0 && height % PIXELS == 0, || {
        format!("image size (({width}, {height})) must be divisible by {PIXELS}")
    })
}

/// `tiles` tiles that overlap by `overlap`; the last one may be longer.
pub(super) fn even_split(image: i64, tiles: i64, overlap: i64) -> Result<Vec<Span>, InvocationError> {
    check((1..=MOST as i64).contains(&tiles) && overlap >= 0, || {
        format!("{tiles} tiles overlapping by {overlap} are not possible")
    })?;
    let size = if tiles == 1 { image } else { (image + overlap * (tiles - 1)) / tiles / PIXELS * PIXELS };
    if tiles > 1 {
        let fits = overlap <= image - PIXELS * (tiles - 1) && overlap < size;
        check(fits, || {
            format!("The overlap ({overlap}) is too large for {tiles} tiles along {image} pixels")
        })?;
    }
    let span = |index: i64| {
        let begin = index * (size - overlap);
        let end = if index == tiles - 1 { image } else { (begin + size).min(image) };
        (begin, end)
    };
    Ok((0..tiles).map(span).collect())
}

/// As few tiles as overlap by `overlap` or more, at about equal distances.
pub(super) fn min_overlap(image: i64, tile: i64, overlap: i64) -> Result<Vec<Span>, InvocationError> {
    check((0..tile).contains(&overlap), || {
        format!("The overlap ({overlap}) must be smaller than the tile ({tile})")
    })?;
    let tile = tile.min(image);
    check(overlap < tile, || format!("The overlap ({overlap}) must be smaller than the image ({image})"))?;
    let count = count(image - overlap, tile - overlap)?;
    let span = |index: i64| {
        let begin = if count > 1 { index * (image - tile) / (count - 1) } else { 0 };
        (begin, begin + tile)
    };
    Ok((0..count).map(span).collect())
}

/// The tiles of all rows and columns, with what they share with their neighbours.
pub(super) fn tiles(rows: &[Span], columns: &[Span]) -> Result<Vec<Tile>, InvocationError> {
    check(rows.len().saturating_mul(columns.len()) <= MOST, || {
        format!("More than {MOST} tiles are too many")
    })?;
    let tile = |row: usize, column: usize| {
        let ((top, bottom), (left, right)) = (rows[row], columns[column]);
        let ((above, below), (before, behind)) = (shared(rows, row), shared(columns, column));
        Tile {
            coords: TBLR { top, bottom, left, right },
            overlap: TBLR { top: above, bottom: below, left: before, right: behind },
        }
    };
    Ok((0..rows.len()).flat_map(|row| (0..columns.len()).map(move |column| tile(row, column))).collect())
}

/// How far the neighbours before and behind reach into a span.
fn shared(spans: &[Span], index: usize) -> (i64, i64) {
    let overlap = |first: Option<&Span>, second: Option<&Span>| match (first, second) {
        (Some((_, end)), Some((begin, _))) => (end - begin).max(0),
        _ => 0,
    };
    let before = index.checked_sub(1).and_then(|before| spans.get(before));
    (overlap(before, spans.get(index)), overlap(spans.get(index), spans.get(index + 1)))
}
