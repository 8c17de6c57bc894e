//! Pillow's blurs: boxes of any radius, and the bell as three of them.
use image::{ImageBuffer, Pixel};

/// Boxes that make a bell.
const PASSES: u32 = 3;
/// Bits after the point in Pillow's fixed-point weights.
const BITS: u32 = 24;

/// A blur by a box that reaches `radius` pixels to each side.
pub(crate) fn box_blur<P: Pixel<Subpixel = u8>>(
    picture: &ImageBuffer<P, Vec<u8>>,
    radius: f64,
) -> ImageBuffer<P, Vec<u8>> {
    repeated(picture, radius, 1)
}

/// A blur by a bell of standard deviation `radius`.
pub(crate) fn gaussian_blur<P: Pixel<Subpixel = u8>>(
    picture: &ImageBuffer<P, Vec<u8>>,
    radius: f64,
) -> ImageBuffer<P, Vec<u8>> {
    repeated(picture, box_radius(radius), PASSES)
}

/// The radius of the boxes whose repetition has the variance of the bell (Gwosdek et al. 2011, extended box).
fn box_radius(deviation: f64) -> f64 {
    let variance = deviation * deviation / f64::from(PASSES);
    let length = (12.0 * variance + 1.0).sqrt();
    let whole = ((length - 1.0) / 2.0).floor();
    let fraction = (2.0 * whole + 1.0) * (whole * (whole + 1.0) - 3.0 * variance);
    whole + fraction / (6.0 * (variance - (whole + 1.0) * (whole + 1.0)))
}

fn repeated<P: Pixel<Subpixel = u8>>(
    picture: &ImageBuffer<P, Vec<u8>>,
    radius: f64,
    passes: u32,
) -> ImageBuffer<P, Vec<u8>> {
    let mut result = picture.clone();
    if radius <= 0.0 {
        return result;
    }
    let channels = usize::from(P::CHANNEL_COUNT);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let data: &mut [u8] = &mut result;
    for _ in 0..passes {
        for start in
            (0..height).flat_map(|y| (0..channels).map(move |channel| y * width * channels + channel))
        {
            blur_line(data, start, channels, width, radius);
        }
    }
    for _ in 0..passes {
        for start in 0..width * channels {
            blur_line(data, start, width * channels, height, radius);
        }
    }
    result
}

/// Blurs every `step`-th value from `start` on; beyond the ends the last value goes on.
fn blur_line(data: &mut [u8], start: usize, step: usize, length: usize, radius: f64) {
    let line: Vec<u64> = (0..length).map(|at| u64::from(data[start + at * step])).collect();
    let Some(last) = length.checked_sub(1) else { return };
    let reach = radius as usize;
    let whole = (f64::from(1u32 << BITS) / (radius * 2.0 + 1.0)) as u64;
    let edge = ((1u64 << BITS) - (reach as u64 * 2 + 1) * whole) / 2;
    let at = |index: i64| line[index.clamp(0, last as i64) as usize];
    let mut sum: u64 = (-(reach as i64)..=reach as i64).map(at).sum();
    for index in 0..length as i64 {
        let (before, after) = (index - reach as i64 - 1, index + reach as i64 + 1);
        let value = sum * whole + (at(before) + at(after)) * edge + (1 << (BITS - 1));
        data[start + index as usize * step] = (value >> BITS).min(255) as u8;
        sum = sum + at(after) - at(index - reach as i64);
    }
}
