//! Edges by Canny's method (1986) as OpenCV computes them: Sobel gradients of 3 × 3, the sum of their sizes.
use image::{GrayImage, Luma};

/// tan 22.5° with 15 bits after the point.
const TANGENT: i64 = 13_573;

/// The gradients of a pixel: to the right, down.
type Gradient = (i32, i32);

/// White edges: those steeper than `high`, and those steeper than `low` that are connected with one.
/// `values` gives a channel at a column and row inside of the size.
pub(crate) fn edges(
    (width, height): (u32, u32),
    channels: usize,
    values: impl Fn(u32, u32, usize) -> u8,
    thresholds: (i64, i64),
) -> GrayImage {
    let (low, high) = (thresholds.0.min(thresholds.1), thresholds.0.max(thresholds.1));
    let gradients = gradients((width, height), channels, values);
    let size = |x: i64, y: i64| {
        if x < 0 || y < 0 || x >= i64::from(width) || y >= i64::from(height) {
            return 0;
        }
        let (right, down) = gradients[(y * i64::from(width) + x) as usize];
        i64::from(right.abs() + down.abs())
    };
    let is_ridge = |x: u32, y: u32| {
        let (right, down) = gradients[(y * width + x) as usize];
        let (x, y) = (i64::from(x), i64::from(y));
        let own = size(x, y);
        let (across, along) = (i64::from(right.abs()), i64::from(down.abs()) << 15);
        let flat = across * TANGENT;
        if along < flat {
            own > size(x - 1, y) && own >= size(x + 1, y)
        } else if along > flat + (across << 16) {
            own > size(x, y - 1) && own >= size(x, y + 1)
        } else {
            let side = if (right ^ down) < 0 { -1 } else { 1 };
            own > size(x - side, y - 1) && own > size(x + side, y + 1)
        }
    };
    let mut result = GrayImage::new(width, height);
    let mut candidates = vec![false; gradients.len()];
    let mut open = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let own = size(i64::from(x), i64::from(y));
        if own > low && is_ridge(x, y) {
            candidates[(y * width + x) as usize] = true;
            if own > high {
                result.put_pixel(x, y, Luma([255]));
                open.push((x, y));
            }
        }
    }
    while let Some((x, y)) = open.pop() {
        for (right, down) in (-1..=1).flat_map(|down| (-1..=1).map(move |right| (right, down))) {
            let (Some(x), Some(y)) = (x.checked_add_signed(right), y.checked_add_signed(down)) else {
                continue;
            };
            if x < width
                && y < height
                && candidates[(y * width + x) as usize]
                && result.get_pixel(x, y).0[0] == 0
            {
                result.put_pixel(x, y, Luma([255]));
                open.push((x, y));
            }
        }
    }
    result
}

/// Of each pixel the gradients of the channel in which they are greatest. Beyond the edges the last value goes on.
fn gradients(
    (width, height): (u32, u32),
    channels: usize,
    values: impl Fn(u32, u32, usize) -> u8,
) -> Vec<Gradient> {
    let at = |x: i64, y: i64, channel: usize| {
        let (x, y) = (x.clamp(0, i64::from(width) - 1), y.clamp(0, i64::from(height) - 1));
        i32::from(values(x as u32, y as u32, channel))
    };
    let of = |x: i64, y: i64, channel: usize| {
        let column = |x: i64| at(x, y - 1, channel) + 2 * at(x, y, channel) + at(x, y + 1, channel);
        let row = |y: i64| at(x - 1, y, channel) + 2 * at(x, y, channel) + at(x + 1, y, channel);
        (column(x + 1) - column(x - 1), row(y + 1) - row(y - 1))
    };
    let size = |(right, down): Gradient| right.abs() + down.abs();
    (0..i64::from(height))
        .flat_map(|y| (0..i64::from(width)).map(move |x| (x, y)))
        .map(|(x, y)| {
            (1..channels).fold(of(x, y, 0), |best, channel| {
                let other = of(x, y, channel);
                if size(other) > size(best) { other } else { best }
            })
        })
        .collect()
}
