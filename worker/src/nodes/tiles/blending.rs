//! Tiles that overlap from the left, blended: by a straight fade, or along the seam at which they differ least
//! (dynamic programming as in seam carving, Avidan and Shamir 2007, with upstream's choices).
use image::RgbImage;
use ndarray::{Array2, Array3, Axis, s};

use crate::invocation::InvocationError;

/// `[rows, columns, channels]`, whole numbers of 0…255.
pub(super) type Pixels = Array3<f64>;

/// The pixels of a picture.
pub(super) fn pixels(picture: &RgbImage) -> Pixels {
    Array3::from_shape_fn((picture.height() as usize, picture.width() as usize, 3), |(y, x, channel)| {
        f64::from(picture.get_pixel(x as u32, y as u32).0[channel])
    })
}

/// The picture of pixels.
///
/// # Errors
/// None in practice: the sizes agree.
pub(super) fn picture(pixels: &Pixels) -> Result<RgbImage, InvocationError> {
    let (height, width, _) = pixels.dim();
    let values = pixels.iter().map(|value| *value as u8).collect();
    RgbImage::from_raw(width as u32, height as u32, values)
        .ok_or_else(|| InvocationError::Internal("the merged image has another size".to_owned()))
}

/// Rows as columns.
pub(super) fn turned(pixels: &Pixels) -> Pixels {
    pixels.view().permuted_axes([1, 0, 2]).as_standard_layout().into_owned()
}

/// `new` over `old`, the share of `new` by column; values are cut off to whole ones as upstream's bytes are.
fn mixed(old: &Pixels, new: &Pixels, share: impl Fn(usize, usize) -> f64) -> Pixels {
    Array3::from_shape_fn(new.dim(), |(y, x, channel)| {
        let share = share(y, x);
        let place = [y, x, channel];
        (new[place] * share + old[place] * (1.0 - share)).floor().clamp(0.0, 255.0)
    })
}

/// A fade of `amount` pixels in the middle of the overlap.
pub(super) fn linear(old: &Pixels, new: &Pixels, overlap: usize, amount: usize) -> Pixels {
    let start = (overlap / 2).saturating_sub(amount / 2);
    mixed(old, new, |_, x| match x.checked_sub(start) {
        _ if overlap == 0 => 1.0,
        None => 0.0,
        Some(at) if at < amount => {
            if amount == 1 {
                0.0
            } else {
                at as f64 / (amount - 1) as f64
            }
        }
        Some(_) => 1.0,
    })
}

/// A seam through the overlap, blurred by `amount` pixels; `from_end` looks for it from the last row on.
///
/// # Errors
/// The overlap is too narrow for a seam.
pub(super) fn along_seam(
    old: &Pixels,
    new: &Pixels,
    overlap: usize,
    amount: usize,
    from_end: bool,
) -> Result<Pixels, InvocationError> {
    if overlap == 0 {
        return Ok(new.clone());
    }
    let gray = |pixels: &Pixels| {
        let shared = pixels.slice(s![.., ..overlap, ..]);
        shared.map_axis(Axis(2), |color| color[0] * 0.2989 + color[1] * 0.5870 + color[2] * 0.1140)
    };
    let energy = steepness(&(gray(new) - gray(old)))?;
    let gutter = amount.div_ceil(2);
    let seam = if from_end {
        let mut seam = cheapest_seam(&energy.slice(s![..;-1, ..]).to_owned(), gutter)?;
        seam.reverse();
        seam
    } else {
        cheapest_seam(&energy, gutter)?
    };
    let sharp = Array2::from_shape_fn(energy.dim(), |(y, x)| f64::from(u8::from(x < seam[y])));
    let kept = blurred(&sharp, amount);
    Ok(mixed(old, new, |y, x| kept.get([y, x]).map_or(1.0, |kept| 1.0 - kept)))
}

/// The sum of the slopes across and down, by central differences.
fn steepness(values: &Array2<f64>) -> Result<Array2<f64>, InvocationError> {
    let (rows, columns) = values.dim();
    if rows < 2 || columns < 2 {
        return Err(InvocationError::BadInput("an overlap of one pixel has no seam".to_owned()));
    }
    let slope = |at: usize, length: usize, value: &dyn Fn(usize) -> f64| {
        if at == 0 {
            value(1) - value(0)
        } else if at + 1 == length {
            value(at) - value(at - 1)
        } else {
            (value(at + 1) - value(at - 1)) / 2.0
        }
    };
    Ok(Array2::from_shape_fn((rows, columns), |(y, x)| {
        slope(y, rows, &|y| values[[y, x]]).abs() + slope(x, columns, &|x| values[[y, x]]).abs()
    }))
}

fn index_of_least(values: impl Iterator<Item = f64>) -> usize {
    values
        .enumerate()
        .fold((0, f64::INFINITY), |best, (index, value)| if value < best.1 { (index, value) } else { best })
        .0
}

/// The seam's column in every row. Upstream compares whole rows, one row below the other, when it adds up the
/// energies, and takes the last row's place without the gutter; both are kept.
fn cheapest_seam(energy: &Array2<f64>, gutter: usize) -> Result<Vec<usize>, InvocationError> {
    let (rows, columns) = energy.dim();
    let (first, last) = (gutter, columns.saturating_sub(gutter));
    if last < first + 2 {
        return Err(InvocationError::BadInput("the overlap is too narrow for a seam".to_owned()));
    }
    let mut sums = energy.clone();
    for y in 1..rows {
        for x in 0..columns {
            let near = |x: Option<usize>| x.and_then(|x| energy.get([y, x])).copied().unwrap_or(255.0);
            let least = energy[[y, x]].min(near(Some(x + 1))).min(near(x.checked_sub(1)));
            sums[[y, x]] = sums[[y - 1, x]] + least;
        }
    }
    let mut seam = vec![0; rows];
    seam[rows - 1] = index_of_least((first..last - 1).map(|x| sums[[rows - 1, x]]));
    for y in (0..rows - 1).rev() {
        let below = seam[y + 1];
        let left = below.saturating_sub(1).clamp(first, last - 1);
        let right = (below + 1).clamp(first, last - 1);
        seam[y] = left + index_of_least((left..=right).map(|x| energy[[y, x]]));
    }
    Ok(seam)
}

/// The mean of a square of `side` pixels around each; beyond the edges values are mirrored (`cv2.blur`).
fn blurred(values: &Array2<f64>, side: usize) -> Array2<f64> {
    if side < 2 {
        return values.clone();
    }
    let line = |values: &Array2<f64>, axis: Axis| {
        let length = values.len_of(axis) as i64;
        let mirrored = |at: i64| {
            let period = (2 * (length - 1)).max(1);
            let at = at.rem_euclid(period);
            if at < length { at } else { period - at }
        };
        let mut result = Array2::zeros(values.raw_dim());
        for (index, mut lane) in result.axis_iter_mut(axis).enumerate() {
            let start = index as i64 - (side / 2) as i64;
            for at in start..start + side as i64 {
                lane += &values.index_axis(axis, mirrored(at) as usize);
            }
        }
        result / side as f64
    };
    line(&line(values, Axis(1)), Axis(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_tiles_stay_as_they_are() {
        let tile =
            Array3::from_shape_fn((16, 24, 3), |(y, x, channel)| ((y * 7 + x * 3 + channel) % 250) as f64);
        let faded = linear(&tile, &tile, 10, 4);
        let seamed = along_seam(&tile, &tile, 10, 4, false).unwrap();
        for result in [faded, seamed] {
            let far = result.iter().zip(&tile).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(far <= 1.0);
        }
    }
}
