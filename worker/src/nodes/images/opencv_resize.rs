//! Resizing as OpenCV does it with bytes: cubic, by area, or the nearest pixel.
use image::{Rgb, RgbImage};

/// Keys' parameter of the cubic (1981), as OpenCV has it.
const SHARPNESS: f64 = -0.75;

/// `INTER_NEAREST`: the pixel in which the left upper corner lies.
pub(crate) fn nearest(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let place = |at: u32, from: u32, to: u32| {
        ((f64::from(at) * (f64::from(from) / f64::from(to))) as u32).min(from.saturating_sub(1))
    };
    RgbImage::from_fn(width, height, |x, y| {
        *picture.get_pixel(place(x, picture.width(), width), place(y, picture.height(), height))
    })
}

/// `INTER_CUBIC`, which does not smooth when it shrinks.
pub(crate) fn cubic(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (columns, rows) = (cubic_taps(picture.width(), width), cubic_taps(picture.height(), height));
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([0, 1, 2].map(|channel: usize| {
            let row = |at: u32| -> f64 {
                let taps = columns[x as usize].iter();
                taps.map(|(column, weight)| f64::from(picture.get_pixel(*column, at).0[channel]) * weight)
                    .sum()
            };
            let sum: f64 = rows[y as usize].iter().map(|(at, weight)| row(*at) * weight).sum();
            sum.round_ties_even().clamp(0.0, 255.0) as u8
        }))
    })
}

/// Four samples of `from` with their weights for each of `to`.
fn cubic_taps(from: u32, to: u32) -> Vec<[(u32, f64); 4]> {
    let step = f64::from(from) / f64::from(to);
    (0..to)
        .map(|index| {
            let place = (f64::from(index) + 0.5) * step - 0.5;
            let first = place.floor();
            let x = place - first;
            let near = |x: f64| ((SHARPNESS + 2.0) * x - (SHARPNESS + 3.0)) * x * x + 1.0;
            let far =
                |x: f64| ((SHARPNESS * x - 5.0 * SHARPNESS) * x + 8.0 * SHARPNESS) * x - 4.0 * SHARPNESS;
            let (before, own, after) = (far(x + 1.0), near(x), near(1.0 - x));
            let weights = [before, own, after, 1.0 - before - own - after];
            [0, 1, 2, 3].map(|tap: usize| {
                let at = (first as i64 + tap as i64 - 1).clamp(0, i64::from(from) - 1);
                (at as u32, weights[tap])
            })
        })
        .collect()
}

/// `INTER_AREA` to a size that is not larger in either direction: means of what each pixel covers.
pub(crate) fn area(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (columns, rows) = (area_taps(picture.width(), width), area_taps(picture.height(), height));
    // Squares of two take another path in OpenCV, which rounds halves up.
    let is_half = (picture.width(), picture.height()) == (2 * width, 2 * height);
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([0, 1, 2].map(|channel: usize| {
            let row = |at: u32| -> f32 {
                let taps = columns[x as usize].iter();
                taps.map(|(column, weight)| f32::from(picture.get_pixel(*column, at).0[channel]) * weight)
                    .sum()
            };
            let sum: f32 = rows[y as usize].iter().map(|(at, weight)| row(*at) * weight).sum();
            (if is_half { (sum + 0.5).floor() } else { sum.round_ties_even() }).clamp(0.0, 255.0) as u8
        }))
    })
}

/// The samples of `from` that each of `to` covers, with their shares.
fn area_taps(from: u32, to: u32) -> Vec<Vec<(u32, f32)>> {
    let step = f64::from(from) / f64::from(to);
    (0..to)
        .map(|index| {
            let (begin, end) = (f64::from(index) * step, (f64::from(index) + 1.0) * step);
            let covered = (begin as u32)..(end.ceil() as u32).min(from);
            let share = |at: u32| (end.min(f64::from(at) + 1.0) - begin.max(f64::from(at))) / step;
            covered.map(|at| (at, share(at) as f32)).filter(|(_, share)| *share > 1e-4).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_one() {
        for (from, to) in [(96, 200), (160, 100), (7, 3)] {
            for taps in cubic_taps(from, to) {
                let sum: f64 = taps.iter().map(|(_, weight)| weight).sum();
                assert!((sum - 1.0).abs() < 1e-9);
            }
        }
        for taps in area_taps(160, 100) {
            let sum: f32 = taps.iter().map(|(_, share)| share).sum();
            assert!((sum - 1.0).abs() < 1e-4);
        }
    }
}
