//! Large pictures through the VAE in overlapping tiles (diffusers, `AutoencoderKL.tiled_decode`).
use ndarray::{Array4, Axis, concatenate, s};

use super::picture::PIXELS;
use crate::inference::{Autoencoder, InferenceError};

/// The side of a tile in pixels, where none is asked for.
const DEFAULT_TILE: usize = 512;
/// The share of a tile that overlaps the next one.
const OVERLAP: f64 = 0.25;

/// Decodes latents that are already divided by the scaling factor; `tile` is in pixels, 0 the default.
pub(crate) fn decode(
    vae: &dyn Autoencoder,
    latents: &Array4<f32>,
    tiled: bool,
    tile: usize,
) -> Result<Array4<f32>, InferenceError> {
    let tile = if tile == 0 { DEFAULT_TILE } else { tile };
    let small = tile / PIXELS;
    if !tiled || (latents.dim().2 <= small && latents.dim().3 <= small) {
        return vae.decode(latents);
    }
    in_tiles(latents, small, tile, |part| vae.decode(part))
}

/// Encodes a picture to moments; `tile` is in pixels, 0 the default.
pub(crate) fn encode(
    vae: &dyn Autoencoder,
    image: &Array4<f32>,
    tiled: bool,
    tile: usize,
) -> Result<Array4<f32>, InferenceError> {
    let tile = if tile == 0 { DEFAULT_TILE } else { tile };
    if !tiled || (image.dim().2 <= tile && image.dim().3 <= tile) {
        return vae.encode(image);
    }
    in_tiles(image, tile, tile / PIXELS, |part| vae.encode(part))
}

/// Tiles of `from` samples a side become tiles of `to` samples, whose seams are blended.
fn in_tiles(
    input: &Array4<f32>,
    from: usize,
    to: usize,
    run: impl Fn(&Array4<f32>) -> Result<Array4<f32>, InferenceError>,
) -> Result<Array4<f32>, InferenceError> {
    let (_, _, height, width) = input.dim();
    let stride = ((from as f64 * (1.0 - OVERLAP)) as usize).max(1);
    let seam = (to as f64 * OVERLAP) as usize;
    let kept = to - seam;
    let mut above: Vec<Array4<f32>> = Vec::new();
    let mut bands = Vec::new();
    for top in (0..height).step_by(stride) {
        let mut row: Vec<Array4<f32>> = Vec::new();
        for left in (0..width).step_by(stride) {
            let part = input
                .slice(s![.., .., top..(top + from).min(height), left..(left + from).min(width)])
                .to_owned();
            let mut tile = run(&part)?;
            if let Some(upper) = above.get(row.len()) {
                blend(upper, &mut tile, Axis(2), seam);
            }
            if let Some(before) = row.last() {
                blend(before, &mut tile, Axis(3), seam);
            }
            row.push(tile);
        }
        let cut: Vec<_> = row
            .iter()
            .map(|tile| tile.slice(s![.., .., ..kept.min(tile.dim().2), ..kept.min(tile.dim().3)]))
            .collect();
        bands.push(concatenate(Axis(3), &cut).map_err(|error| InferenceError::BadInput(error.to_string()))?);
        above = row;
    }
    let bands: Vec<_> = bands.iter().map(|band| band.view()).collect();
    concatenate(Axis(2), &bands).map_err(|error| InferenceError::BadInput(error.to_string()))
}

/// Fades from the end of one tile into the start of the next.
fn blend(before: &Array4<f32>, tile: &mut Array4<f32>, axis: Axis, seam: usize) {
    let length = before.len_of(axis);
    let seam = seam.min(length).min(tile.len_of(axis));
    for at in 0..seam {
        let share = at as f32 / seam as f32;
        let old = before.index_axis(axis, length - seam + at);
        tile.index_axis_mut(axis, at)
            .zip_mut_with(&old, |new, old| *new = old * (1.0 - share) + *new * share);
    }
}
