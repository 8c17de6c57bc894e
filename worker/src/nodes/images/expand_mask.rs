//! `expand_mask_with_fade`: a mask whose black part grows and fades out.
use image::{GrayImage, Luma};
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::morphology::distance_to_black;
use super::pillow::luma;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Grows the black part of a mask and lets it fade to white.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ExpandMask {
    #[serde(flatten)]
    destination: Destination,
    /// The mask.
    mask: ImageField,
    /// What is not brighter than this counts as black.
    #[serde(default)]
    #[schemars(range(min = 0, max = 255))]
    threshold: u8,
    /// How far the fade reaches, in pixels.
    #[serde(default = "thirty_two")]
    #[schemars(range(min = 0))]
    fade_size_px: u32,
}

fn thirty_two() -> u32 {
    32
}

impl Invocation for ExpandMask {
    const TYPE: &'static str = "expand_mask_with_fade";
    const SCHEMA_NAME: &'static str = "ExpandMaskWithFadeInvocation";
    const TITLE: &'static str = "Expand Mask with Fade";
    const CATEGORY: &'static str = "mask";
    const VERSION: &'static str = "1.0.1";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let mask = luma(&context.load_image(&self.mask.image_name)?);
        let expanded =
            if self.fade_size_px == 0 { mask } else { expand(&mask, self.threshold, self.fade_size_px) };
        self.destination.save_mask(context, expanded)
    }
}

fn expand(mask: &GrayImage, threshold: u8, fade: u32) -> GrayImage {
    let binary = GrayImage::from_fn(mask.width(), mask.height(), |x, y| {
        Luma([if mask.get_pixel(x, y).0[0] > threshold { 255 } else { 0 }])
    });
    let distance = distance_to_black(&binary);
    let fade = f64::from(fade);
    // The first pixel around the black is black too, and the curve rises steeply in the middle.
    let curve = cubic_through([(0.0, 0.0), (1.0 / fade, 0.0), (0.2, 0.2), (0.8, 0.9), (1.0, 1.0)]);
    GrayImage::from_fn(mask.width(), mask.height(), |x, y| {
        let distance = f64::from(distance[[y as usize, x as usize]]);
        if distance <= 0.0 || distance >= fade {
            return *binary.get_pixel(x, y);
        }
        let x = distance / fade;
        let value = curve.iter().fold(0.0, |sum, factor| sum * x + factor);
        Luma([(value.clamp(0.0, 1.0) * 255.0) as u8])
    })
}

/// The cubic, highest power first, that is nearest to five points in the sense of least squares.
fn cubic_through(points: [(f64, f64); 5]) -> [f64; 4] {
    // The normal equations, solved by elimination; they are well conditioned for points between 0 and 1.
    let mut rows = [[0.0; 5]; 4];
    for (x, y) in points {
        let powers = [x * x * x, x * x, x, 1.0];
        for (row, power) in rows.iter_mut().zip(powers) {
            row.iter_mut().zip(powers.into_iter().chain([y])).for_each(|(sum, value)| *sum += power * value);
        }
    }
    for pivot in 0..4 {
        let best = (pivot..4)
            .max_by(|a, b| rows[*a][pivot].abs().total_cmp(&rows[*b][pivot].abs()))
            .unwrap_or(pivot);
        rows.swap(pivot, best);
        let base = rows[pivot];
        for (index, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != pivot) {
            debug_assert_ne!(index, pivot);
            let factor = row[pivot] / base[pivot];
            row.iter_mut().zip(base).for_each(|(value, base)| *value -= factor * base);
        }
    }
    [0, 1, 2, 3].map(|index| rows[index][4] / rows[index][index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_numpys() {
        // numpy.polyfit([0, 1/32, 0.2, 0.8, 1], [0, 0, 0.2, 0.9, 1], 3)
        let curve = cubic_through([(0.0, 0.0), (1.0 / 32.0, 0.0), (0.2, 0.2), (0.8, 0.9), (1.0, 1.0)]);
        let at = |x: f64| curve.iter().fold(0.0, |sum, factor| sum * x + factor);
        assert!((at(1.0) - 1.0).abs() < 0.01 && at(0.0).abs() < 0.02, "{curve:?}");
        assert!(at(0.5) > 0.5);
    }
}
