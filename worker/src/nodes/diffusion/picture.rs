//! Between pictures and tensors.
use image::{DynamicImage, GrayImage, RgbImage};
use ndarray::{Array2, Array4};

use super::interpolate::{Method, taps};

/// The side of the square of pixels that one latent stands for.
pub(crate) const PIXELS: usize = 8;

/// Both sides cut to multiples of 8 by resampling; `[1, 3, h, w]` in −1…1.
pub(crate) fn rgb_tensor(image: &DynamicImage) -> Array4<f32> {
    let rgb = image.to_rgb8();
    let (width, height) = (rgb.width() as usize, rgb.height() as usize);
    let (columns, rows) = (width - width % PIXELS, height - height % PIXELS);
    let mut tensor = Array4::zeros((1, 3, rows, columns));
    for channel in 0..3 {
        let plane =
            Array2::from_shape_fn((height, width), |(y, x)| rgb.get_pixel(x as u32, y as u32).0[channel]);
        let plane = resize_plane(&plane, rows, columns, Method::Lanczos);
        for ((y, x), value) in plane.indexed_iter() {
            tensor[[0, channel, y, x]] = f32::from(*value) / 255.0 * 2.0 - 1.0;
        }
    }
    tensor
}

/// A mask's brightness, both sides cut to multiples of 8 by resampling; `[1, 1, h, w]` in 0…1.
pub(crate) fn mask_tensor(plane: &Array2<u8>) -> Array4<f32> {
    let (height, width) = plane.dim();
    let plane = resize_plane(plane, height - height % PIXELS, width - width % PIXELS, Method::Lanczos);
    let (rows, columns) = plane.dim();
    Array4::from_shape_fn((1, 1, rows, columns), |(_, _, y, x)| f32::from(plane[[y, x]]) / 255.0)
}

/// The brightness of a picture by ITU-R 601-2 in Pillow's fixed point; alpha is dropped.
pub(crate) fn luma_plane(image: &DynamicImage) -> Array2<u8> {
    let size = (image.height() as usize, image.width() as usize);
    if let DynamicImage::ImageLuma8(gray) = image {
        return Array2::from_shape_fn(size, |(y, x)| gray.get_pixel(x as u32, y as u32).0[0]);
    }
    let rgb = image.to_rgb8();
    Array2::from_shape_fn(size, |(y, x)| {
        let [red, green, blue] = rgb.get_pixel(x as u32, y as u32).0.map(u32::from);
        ((red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16) as u8
    })
}

/// A plane of 8-bit values resampled as Pillow does it: first across, then down, rounded in between.
pub(crate) fn resize_plane(plane: &Array2<u8>, height: usize, width: usize, method: Method) -> Array2<u8> {
    let (rows, columns) = plane.dim();
    let across = if width == columns {
        plane.clone()
    } else {
        let taps = taps(columns, width, columns as f64 / width as f64, method);
        Array2::from_shape_fn((rows, width), |(y, x)| {
            rounded(taps[x].iter().map(|(at, weight)| weight * f64::from(plane[[y, *at]])))
        })
    };
    if height == rows {
        return across;
    }
    let taps = taps(rows, height, rows as f64 / height as f64, method);
    Array2::from_shape_fn((height, width), |(y, x)| {
        rounded(taps[y].iter().map(|(at, weight)| weight * f64::from(across[[*at, x]])))
    })
}

fn rounded(parts: impl Iterator<Item = f64>) -> u8 {
    (parts.sum::<f64>() + 0.5).floor().clamp(0.0, 255.0) as u8
}

/// Every pixel of a plane as a square.
pub(crate) fn enlarge(plane: &Array2<u8>, factor: usize) -> Array2<u8> {
    let (rows, columns) = plane.dim();
    Array2::from_shape_fn((rows * factor, columns * factor), |(y, x)| plane[[y / factor, x / factor]])
}

/// A plane as a grey picture.
pub(crate) fn gray_picture(plane: &Array2<u8>) -> DynamicImage {
    let (rows, columns) = plane.dim();
    DynamicImage::ImageLuma8(GrayImage::from_fn(columns as u32, rows as u32, |x, y| {
        image::Luma([plane[[y as usize, x as usize]]])
    }))
}

/// The decoder's output `[1, 3, h, w]` in −1…1 as a picture.
pub(crate) fn decoded_picture(tensor: &Array4<f32>) -> RgbImage {
    let (_, _, rows, columns) = tensor.dim();
    RgbImage::from_fn(columns as u32, rows as u32, |x, y| {
        image::Rgb([0, 1, 2].map(|channel| {
            let value = (tensor[[0, channel, y as usize, x as usize]] / 2.0 + 0.5).clamp(0.0, 1.0);
            (value * 255.0).round_ties_even() as u8
        }))
    })
}
