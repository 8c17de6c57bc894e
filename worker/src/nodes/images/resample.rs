//! Resizing with Pillow's filters.
use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, Pixel, RgbImage, RgbaImage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pillow::multiply;

/// Pillow's filters, by upstream's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum ResampleMode {
    Nearest,
    Box,
    Bilinear,
    Hamming,
    #[default]
    Bicubic,
    Lanczos,
}

/// Values of the input with their weights, for one value of the output.
type Taps = Vec<(usize, f64)>;

impl ResampleMode {
    fn support(self) -> f64 {
        match self {
            Self::Nearest | Self::Box => 0.5,
            Self::Bilinear | Self::Hamming => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
        let pi = std::f64::consts::PI;
        match self {
            Self::Nearest | Self::Box => f64::from(u8::from(x > -0.5 && x <= 0.5)),
            Self::Bilinear => (1.0 - x.abs()).max(0.0),
            Self::Hamming if x.abs() >= 1.0 => 0.0,
            Self::Hamming => sinc(x * pi) * (0.54 + 0.46 * (x * pi).cos()),
            Self::Bicubic => match x.abs() {
                x if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
                x if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5,
                _ => 0.0,
            },
            Self::Lanczos if (-3.0..3.0).contains(&x) => sinc(x * pi) * sinc(x * pi / 3.0),
            Self::Lanczos => 0.0,
        }
    }

    /// The taps of every output value along a part of a side of `from` values.
    fn taps(self, from: usize, (begin, end): (f64, f64), to: usize) -> Vec<Taps> {
        let step = (end - begin) / to as f64;
        if self == Self::Nearest {
            let last = from.saturating_sub(1);
            let nearest = |at: usize| ((begin + (at as f64 + 0.5) * step) as usize).min(last);
            return (0..to).map(|at| vec![(nearest(at), 1.0)]).collect();
        }
        let widening = step.max(1.0);
        let reach = self.support() * widening;
        let of = |at: usize| {
            let center = begin + (at as f64 + 0.5) * step;
            let start = (center - reach + 0.5).max(0.0) as usize;
            let end = ((center + reach + 0.5) as usize).min(from);
            let weights: Taps =
                (start..end).map(|tap| (tap, self.weight((tap as f64 - center + 0.5) / widening))).collect();
            let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
            weights.into_iter().map(|(tap, weight)| (tap, weight / sum)).collect()
        };
        (0..to).map(of).collect()
    }
}

/// A picture at another size, in its own mode.
pub(crate) fn resize(picture: &DynamicImage, width: u32, height: u32, mode: ResampleMode) -> DynamicImage {
    let whole = [0.0, 0.0, f64::from(picture.width()), f64::from(picture.height())];
    resize_part(picture, whole, width, height, mode)
}

/// A part of a picture (left, top, right, bottom) at another size, in its own mode.
pub(crate) fn resize_part(
    picture: &DynamicImage,
    part: [f64; 4],
    width: u32,
    height: u32,
    mode: ResampleMode,
) -> DynamicImage {
    let whole = [0.0, 0.0, f64::from(picture.width()), f64::from(picture.height())];
    if part == whole && (picture.width(), picture.height()) == (width, height) {
        return picture.clone();
    }
    let size = (width, height);
    match picture {
        DynamicImage::ImageLuma8(gray) => resample(gray, part, size, mode).into(),
        DynamicImage::ImageLumaA8(gray) => {
            let small: GrayAlphaImage = with_alpha(gray, mode, |gray| resample(gray, part, size, mode));
            small.into()
        }
        picture if picture.color().has_alpha() => {
            let small: RgbaImage =
                with_alpha(&picture.to_rgba8(), mode, |rgba| resample(rgba, part, size, mode));
            small.into()
        }
        other => {
            let small: RgbImage = resample(&other.to_rgb8(), part, size, mode);
            small.into()
        }
    }
}

/// As [`resize`], of a mask.
pub(crate) fn resize_gray(gray: &GrayImage, width: u32, height: u32, mode: ResampleMode) -> GrayImage {
    if gray.dimensions() == (width, height) {
        return gray.clone();
    }
    let whole = [0.0, 0.0, f64::from(gray.width()), f64::from(gray.height())];
    resample(gray, whole, (width, height), mode)
}

/// Colours of transparent pixels must not bleed, so they are weighted by their opacity while they are filtered.
fn with_alpha<P: Pixel<Subpixel = u8>>(
    picture: &ImageBuffer<P, Vec<u8>>,
    mode: ResampleMode,
    filter: impl FnOnce(&ImageBuffer<P, Vec<u8>>) -> ImageBuffer<P, Vec<u8>>,
) -> ImageBuffer<P, Vec<u8>> {
    if mode == ResampleMode::Nearest {
        return filter(picture);
    }
    let mut weighted = picture.clone();
    let each = |picture: &mut ImageBuffer<P, Vec<u8>>, change: fn(u8, u8) -> u8| {
        for pixel in picture.pixels_mut() {
            if let Some((alpha, colors)) = pixel.channels_mut().split_last_mut() {
                colors.iter_mut().for_each(|color| *color = change(*color, *alpha));
            }
        }
    };
    each(&mut weighted, multiply);
    let mut result = filter(&weighted);
    each(&mut result, |color, alpha| match alpha {
        0 | 255 => color,
        alpha => (u32::from(color) * 255 / u32::from(alpha)).min(255) as u8,
    });
    result
}

/// First across, then down, rounded in between.
fn resample<P: Pixel<Subpixel = u8>>(
    picture: &ImageBuffer<P, Vec<u8>>,
    [left, top, right, bottom]: [f64; 4],
    (width, height): (u32, u32),
    mode: ResampleMode,
) -> ImageBuffer<P, Vec<u8>> {
    let is_whole = |begin: f64, end: f64, side: u32| begin == 0.0 && end == f64::from(side);
    let channels = usize::from(P::CHANNEL_COUNT);
    let (columns, rows) = (picture.width() as usize, picture.height() as usize);
    let across = if width == picture.width() && is_whole(left, right, width) {
        picture.as_raw().clone()
    } else {
        let mut data = Vec::with_capacity(rows * width as usize * channels);
        let taps = mode.taps(columns, (left, right), width as usize);
        for row in picture.as_raw().chunks_exact((columns * channels).max(1)) {
            for taps in &taps {
                data.extend((0..channels).map(|channel| sum(taps, |tap| row[tap * channels + channel])));
            }
        }
        data
    };
    let stride = width as usize * channels;
    let down = if height == picture.height() && is_whole(top, bottom, height) {
        across
    } else {
        let mut data = Vec::with_capacity(height as usize * stride);
        for taps in mode.taps(rows, (top, bottom), height as usize) {
            data.extend((0..stride).map(|at| sum(&taps, |tap| across[tap * stride + at])));
        }
        data
    };
    ImageBuffer::from_raw(width, height, down).expect("as many values as the size needs were made")
}

fn sum(taps: &Taps, value: impl Fn(usize) -> u8) -> u8 {
    let sum: f64 = taps.iter().map(|(tap, weight)| weight * f64::from(value(*tap))).sum();
    (sum + 0.5).floor().clamp(0.0, 255.0) as u8
}
