//! Black and white control pictures after resizing: edges found again, thresholded, thinned.
use image::{GrayImage, Luma};

/// Whether the white of a picture is mostly lines of a pixel.
pub(crate) fn is_thin(picture: &GrayImage) -> bool {
    let around =
        |x: u32, y: u32, take: fn(u8, u8) -> u8, start: u8| neighbours(picture, x, y).fold(start, take);
    let mut edges = 0;
    let mut white = 0;
    for (x, y, pixel) in picture.enumerate_pixels() {
        edges += u32::from(around(x, y, u8::max, pixel.0[0]) > around(x, y, u8::min, pixel.0[0]));
        white += u32::from(pixel.0[0] > 127);
    }
    2 * edges > white
}

fn neighbours(picture: &GrayImage, x: u32, y: u32) -> impl Iterator<Item = u8> + '_ {
    let offsets = (-1..=1).flat_map(|down| (-1..=1).map(move |right| (right, down)));
    offsets.filter_map(move |(right, down)| value_at(picture, x, y, right, down))
}

fn value_at(picture: &GrayImage, x: u32, y: u32, right: i32, down: i32) -> Option<u8> {
    let (x, y) = (x.checked_add_signed(right)?, y.checked_add_signed(down)?);
    picture.get_pixel_checked(x, y).map(|pixel| pixel.0[0])
}

/// Ridges of a blurred picture in white; with `thin`, lines of one pixel.
pub(crate) fn sharpened(picture: &GrayImage, thin: bool) -> GrayImage {
    let ridges = ridges(picture);
    let threshold = otsu_threshold(&ridges);
    let mut binary = GrayImage::from_fn(ridges.width(), ridges.height(), |x, y| {
        Luma([if ridges.get_pixel(x, y).0[0] > threshold { 255 } else { 0 }])
    });
    if thin {
        thin_lines(&mut binary);
    }
    binary
}

/// Values that are the greatest along at least one of four directions; others become black.
fn ridges(picture: &GrayImage) -> GrayImage {
    const DIRECTIONS: [(i32, i32); 4] = [(1, 0), (0, 1), (1, 1), (1, -1)];
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let value = picture.get_pixel(x, y).0[0];
        let is_greatest = |(right, down): (i32, i32)| {
            let sides = [(right, down), (-right, -down)];
            sides.iter().all(|(right, down)| {
                value_at(picture, x, y, *right, *down).is_none_or(|other| other <= value)
            })
        };
        Luma([if DIRECTIONS.into_iter().any(is_greatest) { value } else { 0 }])
    })
}

/// The threshold that parts dark from bright with the greatest variance between them (Otsu 1979).
fn otsu_threshold(picture: &GrayImage) -> u8 {
    let mut counts = [0u64; 256];
    picture.pixels().for_each(|pixel| counts[usize::from(pixel.0[0])] += 1);
    let total: u64 = counts.iter().sum();
    let sum: f64 = counts.iter().enumerate().map(|(value, count)| value as f64 * *count as f64).sum();
    let (mut below, mut sum_below, mut best, mut threshold) = (0u64, 0.0, 0.0, 0);
    for (value, count) in counts.iter().enumerate() {
        below += count;
        sum_below += value as f64 * *count as f64;
        if below == 0 || below == total {
            continue;
        }
        let above = (total - below) as f64;
        let gap = sum_below / below as f64 - (sum - sum_below) / above;
        let variance = below as f64 * above * gap * gap;
        if variance > best {
            (best, threshold) = (variance, value);
        }
    }
    threshold as u8
}

/// Takes pixels off white shapes until only lines are left (Zhang and Suen 1984).
fn thin_lines(picture: &mut GrayImage) {
    loop {
        let mut changed = false;
        for second in [false, true] {
            let off: Vec<(u32, u32)> = picture
                .enumerate_pixels()
                .filter(|(x, y, pixel)| pixel.0[0] > 0 && may_go(picture, *x, *y, second))
                .map(|(x, y, _)| (x, y))
                .collect();
            changed |= !off.is_empty();
            off.into_iter().for_each(|(x, y)| picture.put_pixel(x, y, Luma([0])));
        }
        if !changed {
            return;
        }
    }
}

fn may_go(picture: &GrayImage, x: u32, y: u32, second: bool) -> bool {
    // From the top, clockwise.
    const AROUND: [(i32, i32); 8] = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)];
    // The outermost pixels stay, as OpenCV leaves them.
    if x == 0 || y == 0 || x + 1 >= picture.width() || y + 1 >= picture.height() {
        return false;
    }
    let set = AROUND.map(|(right, down)| value_at(picture, x, y, right, down).is_some_and(|value| value > 0));
    let count = set.iter().filter(|is_set| **is_set).count();
    let rises = (0..8).filter(|at| !set[*at] && set[(at + 1) % 8]).count();
    let [top, _, right, _, bottom, _, left, _] = set;
    let sides =
        if second { !(top && left && (right || bottom)) } else { !(right && bottom && (top || left)) };
    (2..=6).contains(&count) && rises == 1 && sides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thick_bar_becomes_a_line() {
        let mut picture = GrayImage::from_fn(20, 9, |x, y| {
            Luma([if (2..18).contains(&x) && (2..7).contains(&y) { 255 } else { 0 }])
        });
        thin_lines(&mut picture);
        for x in 6..14 {
            assert_eq!((0..9).filter(|y| picture.get_pixel(x, *y).0[0] > 0).count(), 1, "column {x}");
        }
    }

    #[test]
    fn two_levels_are_parted_between_them() {
        let picture = GrayImage::from_fn(10, 10, |x, _| Luma([if x < 5 { 10 } else { 200 }]));
        let threshold = otsu_threshold(&picture);
        assert!((10..200).contains(&threshold));
    }
}
