//! Shapes of masks: erosion and distances, as OpenCV has them.
use image::{GrayImage, Luma};
use ndarray::Array2;

/// Every pixel becomes the darkest in a square of `side` around it (`cv2.erode`). Beyond the edges is nothing.
pub(crate) fn erode(mask: &GrayImage, side: u32) -> GrayImage {
    let (before, after) = (i64::from(side / 2), i64::from(side) - 1 - i64::from(side / 2));
    let darkest = |source: &GrayImage, across: bool| {
        GrayImage::from_fn(source.width(), source.height(), |x, y| {
            let (at, length) = if across { (x, source.width()) } else { (y, source.height()) };
            let first = (i64::from(at) - before).max(0);
            let last = (i64::from(at) + after).min(i64::from(length) - 1);
            let value = |at: i64| {
                let pixel =
                    if across { source.get_pixel(at as u32, y) } else { source.get_pixel(x, at as u32) };
                pixel.0[0]
            };
            Luma([(first..=last).map(value).min().unwrap_or(255)])
        })
    };
    darkest(&darkest(mask, true), false)
}

/// Lengths of a step to a neighbour, a diagonal one, and a knight's move (Borgefors 1986, `cv2.DIST_L2` of mask 5).
const STEP: f32 = 1.0;
const DIAGONAL: f32 = 1.4;
const KNIGHT: f32 = 2.1969;

/// The distance of every pixel to the nearest black one, in pixels.
pub(crate) fn distance_to_black(mask: &GrayImage) -> Array2<f32> {
    let (rows, columns) = (mask.height() as usize, mask.width() as usize);
    let mut distance = Array2::from_shape_fn((rows, columns), |(y, x)| {
        if mask.get_pixel(x as u32, y as u32).0[0] == 0 { 0.0 } else { f32::MAX / 4.0 }
    });
    let above: [(isize, isize, f32); 8] = [
        (-2, -1, KNIGHT),
        (-2, 1, KNIGHT),
        (-1, -2, KNIGHT),
        (-1, -1, DIAGONAL),
        (-1, 0, STEP),
        (-1, 1, DIAGONAL),
        (-1, 2, KNIGHT),
        (0, -1, STEP),
    ];
    let mut relax = |y: usize, x: usize, sign: isize| {
        let mut best = distance[[y, x]];
        for (down, right, length) in above {
            let place = (y.checked_add_signed(sign * down), x.checked_add_signed(sign * right));
            if let (Some(row), Some(column)) = place
                && let Some(value) = distance.get([row, column])
            {
                best = best.min(value + length);
            }
        }
        distance[[y, x]] = best;
    };
    for y in 0..rows {
        for x in 0..columns {
            relax(y, x, 1);
        }
    }
    for y in (0..rows).rev() {
        for x in (0..columns).rev() {
            relax(y, x, -1);
        }
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erosion_grows_the_dark_and_leaves_edges_alone() {
        let mut mask = GrayImage::from_pixel(5, 5, Luma([255]));
        mask.put_pixel(2, 2, Luma([0]));
        let eroded = erode(&mask, 3);
        assert_eq!(eroded.pixels().filter(|pixel| pixel.0[0] == 0).count(), 9);
        assert_eq!(eroded.get_pixel(0, 0).0[0], 255);
    }

    #[test]
    fn distances_grow_from_black() {
        let mut mask = GrayImage::from_pixel(5, 5, Luma([255]));
        mask.put_pixel(0, 0, Luma([0]));
        let distance = distance_to_black(&mask);
        assert_eq!(distance[[0, 0]], 0.0);
        assert_eq!(distance[[0, 3]], 3.0);
        assert!((distance[[1, 1]] - DIAGONAL).abs() < 1e-6);
        assert!((distance[[2, 1]] - KNIGHT).abs() < 1e-6);
    }
}
