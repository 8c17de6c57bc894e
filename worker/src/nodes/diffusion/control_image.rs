//! Control pictures at the size of the generated one (InvokeAI 6.14.2, `controlnet_utils.py`).
use std::collections::HashSet;

use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage, imageops};
use ndarray::{Array4, s};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::edge_map;
use super::interpolate::{Method, resize};
use crate::nodes::images::opencv_resize;
use crate::nodes::images::resample::{ResampleMode, resize as resample};

/// How a control picture of another size is fitted: stretched with crisp edges; covering, what stands out cut off;
/// fitting in, the rest in the colour of its border; stretched and smoothed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum ResizeMode {
    #[default]
    JustResize,
    CropResize,
    FillResize,
    JustResizeSimple,
}

/// Fewer colours than this are a map, in which colours must not be mixed.
const MAP_COLORS: usize = 200;

/// `[1, 3, height, width]` in 0…1.
pub(crate) fn control_tensor(
    picture: &DynamicImage,
    width: usize,
    height: usize,
    mode: ResizeMode,
) -> Array4<f32> {
    let fitted = match mode {
        ResizeMode::JustResizeSimple => {
            let rgb = DynamicImage::ImageRgb8(picture.to_rgb8());
            resample(&rgb, width as u32, height as u32, ResampleMode::Lanczos).to_rgb8()
        }
        ResizeMode::JustResize => crisply_resized(&on_white(picture), width, height),
        ResizeMode::CropResize => cropped(&on_white(picture), width, height),
        ResizeMode::FillResize => filled(&on_white(picture), width, height),
    };
    Array4::from_shape_fn((1, 3, height, width), |(_, channel, y, x)| {
        f32::from(fitted.get_pixel(x as u32, y as u32).0[channel]) / 255.0
    })
}

/// Transparent pixels over white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [red, green, blue, alpha] = rgba.get_pixel(x, y).0.map(f32::from);
        let alpha = alpha / 255.0;
        Rgb([red, green, blue].map(|color| (color * alpha + 255.0 * (1.0 - alpha)).clamp(0.0, 255.0) as u8))
    })
}

fn factors(picture: &RgbImage, width: usize, height: usize) -> (f64, f64) {
    (width as f64 / f64::from(picture.width()), height as f64 / f64::from(picture.height()))
}

fn scaled(picture: &RgbImage, factor: f64) -> RgbImage {
    let side = |side: u32| ((f64::from(side) * factor).round_ties_even() as usize).max(1);
    crisply_resized(picture, side(picture.width()), side(picture.height()))
}

fn cropped(picture: &RgbImage, width: usize, height: usize) -> RgbImage {
    let (across, down) = factors(picture, width, height);
    let large = scaled(picture, across.max(down));
    let (left, top) =
        (large.width().saturating_sub(width as u32) / 2, large.height().saturating_sub(height as u32) / 2);
    let part = imageops::crop_imm(&large, left, top, width as u32, height as u32).to_image();
    // Rounding may leave a pixel less than is needed.
    crisply_resized(&part, width, height)
}

fn filled(picture: &RgbImage, width: usize, height: usize) -> RgbImage {
    let (across, down) = factors(picture, width, height);
    let small = scaled(picture, across.min(down));
    let mut canvas = RgbImage::from_pixel(width as u32, height as u32, border_color(picture));
    let (left, top) = (
        (width as u32).saturating_sub(small.width()) / 2,
        (height as u32).saturating_sub(small.height()) / 2,
    );
    imageops::replace(&mut canvas, &small, i64::from(left), i64::from(top));
    canvas
}

/// The median of the outermost pixels, a channel at a time.
fn border_color(picture: &RgbImage) -> Rgb<u8> {
    let (width, height) = picture.dimensions();
    let (right, bottom) = (width.saturating_sub(1), height.saturating_sub(1));
    let rows = (0..width).flat_map(|x| [(x, 0), (x, bottom)]);
    let columns = (0..height).flat_map(|y| [(0, y), (right, y)]);
    let border: Vec<Rgb<u8>> = rows.chain(columns).map(|(x, y)| *picture.get_pixel(x, y)).collect();
    Rgb([0, 1, 2].map(|channel| {
        let mut values: Vec<u8> = border.iter().map(|pixel| pixel.0[channel]).collect();
        values.sort_unstable();
        // Borders have an even number of pixels: the mean of the two in the middle.
        let middle = values.len() / 2;
        let pair = u16::from(values[middle.saturating_sub(1)]) + u16::from(values[middle]);
        (pair / 2) as u8
    }))
}

/// Resized by the method that suits what the picture seems to be.
pub(crate) fn crisply_resized(picture: &RgbImage, width: usize, height: usize) -> RgbImage {
    let size = (picture.width() as usize, picture.height() as usize);
    if size == (width, height) {
        return picture.clone();
    }
    let colors = colors(picture);
    let is_map = colors > 2 && colors < MAP_COLORS;
    let (across, down) = (width as u32, height as u32);
    let shrinks = width * height < size.0 * size.1;
    let resized = if !is_map && shrinks && width <= size.0 && height <= size.1 {
        opencv_resize::area(picture, across, down)
    } else if !is_map && !shrinks {
        opencv_resize::cubic(picture, across, down)
    } else {
        let method = if is_map { Method::Nearest } else { Method::Area };
        let tensor = Array4::from_shape_fn((1, 3, size.1, size.0), |(_, channel, y, x)| {
            f32::from(picture.get_pixel(x as u32, y as u32).0[channel])
        });
        let resized = resize(&tensor, height, width, method);
        RgbImage::from_fn(across, down, |x, y| {
            let pixel = resized.slice(s![0, .., y as usize, x as usize]);
            Rgb([0usize, 1, 2].map(|channel| pixel[channel].round_ties_even().clamp(0.0, 255.0) as u8))
        })
    };
    let (darkest, brightest) =
        picture.iter().fold((255, 0), |(low, high), value| (low.min(*value), high.max(*value)));
    if colors == 2 && darkest < 16 && brightest > 240 {
        let lines = edge_map::is_thin(&gray(picture));
        let crisp = edge_map::sharpened(&gray(&resized), lines);
        return RgbImage::from_fn(width as u32, height as u32, |x, y| Rgb([crisp.get_pixel(x, y).0[0]; 3]));
    }
    resized
}

/// How many colours there are, counted as far as it matters.
fn colors(picture: &RgbImage) -> usize {
    let mut seen = HashSet::new();
    for pixel in picture.pixels() {
        seen.insert(pixel.0);
        if seen.len() >= MAP_COLORS {
            break;
        }
    }
    seen.len()
}

/// Brightness as OpenCV has it; upstream hands it red for blue.
fn gray(picture: &RgbImage) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue] = picture.get_pixel(x, y).0.map(f64::from);
        Luma([(red * 0.114 + green * 0.587 + blue * 0.299).round() as u8])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_the_right_size_is_taken_as_it_is() {
        let picture =
            DynamicImage::ImageRgb8(RgbImage::from_fn(4, 4, |x, y| Rgb([x as u8 * 60, y as u8 * 60, 7])));
        for mode in [
            ResizeMode::JustResize,
            ResizeMode::CropResize,
            ResizeMode::FillResize,
            ResizeMode::JustResizeSimple,
        ] {
            let tensor = control_tensor(&picture, 4, 4, mode);
            assert_eq!(tensor[[0, 0, 1, 3]], 180.0 / 255.0);
            assert_eq!(tensor[[0, 2, 1, 3]], 7.0 / 255.0);
        }
    }

    #[test]
    fn filling_keeps_the_proportions_and_takes_the_borders_colour() {
        let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(4, 2, Rgb([10, 20, 30])));
        let tensor = control_tensor(&picture, 8, 8, ResizeMode::FillResize);
        assert_eq!(tensor[[0, 1, 0, 0]], 20.0 / 255.0);
        assert_eq!(tensor.dim(), (1, 3, 8, 8));
    }
}
