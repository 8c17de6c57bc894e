//! The soft edge around an inpainting mask.
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the edge falls off: as a bell, as a cone, in a single level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum CoherenceMode {
    #[default]
    #[serde(rename = "Gaussian Blur")]
    GaussianBlur,
    #[serde(rename = "Box Blur")]
    BoxBlur,
    Staged,
}

/// Standard deviations of the bell in a radius.
const BELL: f64 = 2.5;

/// A mask (0 is denoised, 255 is kept) with its hole grown by `radius` cells: the further out, the lighter.
/// `least` (0…1) is the strength that the grown edge gets at least.
pub(crate) fn gradient_mask(mask: &Array2<u8>, radius: usize, mode: CoherenceMode, least: f64) -> Array2<u8> {
    if radius == 0 {
        return mask.clone();
    }
    let original = mask.mapv(f32::from);
    let grown =
        greatest(&original.mapv(|value| 255.0 - value), &kernel(radius, mode)).mapv(|value| 255.0 - value);
    let threshold = ((1.0 - least) * 255.0) as f32;
    let lifted = |value: f32| if value > threshold && value < 255.0 { threshold } else { value };
    Array2::from_shape_fn(mask.dim(), |place| {
        let (grown, original) = (grown[place], original[place]);
        let value = match mode {
            CoherenceMode::Staged if grown < original && original > threshold => threshold,
            CoherenceMode::Staged => original,
            _ => grown,
        };
        lifted(value).clamp(0.0, 255.0) as u8
    })
}

/// 1 in the middle, 0 outside the radius.
fn kernel(radius: usize, mode: CoherenceMode) -> Array2<f32> {
    let reach = radius as f64;
    let deviation = reach / BELL;
    Array2::from_shape_fn((2 * radius + 1, 2 * radius + 1), |(y, x)| {
        let distance = (y as f64 - reach).hypot(x as f64 - reach);
        let weight = match mode {
            _ if distance > reach => 0.0,
            CoherenceMode::BoxBlur => 1.0 - distance / reach,
            _ => (-distance * distance / (2.0 * deviation * deviation)).exp(),
        };
        weight as f32
    })
}

/// The greatest weighted value around each cell.
fn greatest(values: &Array2<f32>, kernel: &Array2<f32>) -> Array2<f32> {
    let (rows, columns) = values.dim();
    let reach = kernel.nrows() / 2;
    Array2::from_shape_fn((rows, columns), |(y, x)| {
        let mut best = 0.0_f32;
        for ((i, j), weight) in kernel.indexed_iter().filter(|(_, weight)| **weight > 0.0) {
            let (row, column) = ((y + i).checked_sub(reach), (x + j).checked_sub(reach));
            if let (Some(row), Some(column)) = (row, column)
                && let Some(value) = values.get((row, column))
            {
                best = best.max(value * weight);
            }
        }
        best
    })
}
