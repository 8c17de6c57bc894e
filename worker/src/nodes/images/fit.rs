//! An image made as large as another: stretched, inside of it, or around it (Pillow's `ImageOps.pad` and `fit`).
use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};

use super::pillow::{luma, paste, size};
use super::resample::{ResampleMode, resize, resize_part};
use crate::invocation::InvocationError;

/// Which sides are to agree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    /// The width.
    pub(super) width: bool,
    /// The height.
    pub(super) height: bool,
}

/// An image of a size, or as it is when no side is to agree.
///
/// # Errors
/// The image is empty.
pub(super) fn fitted(
    image: &DynamicImage,
    (width, height): (u32, u32),
    fit: Fit,
) -> Result<DynamicImage, InvocationError> {
    size(i64::from(image.width()), i64::from(image.height()))?;
    let wanted = f64::from(width) / f64::from(height);
    let own = f64::from(image.width()) / f64::from(image.height());
    Ok(if fit.width && fit.height {
        resize(image, width, height, ResampleMode::Bicubic)
    } else if (fit.width && wanted < own) || (fit.height && own <= wanted) {
        padded(image, width, height, wanted, own)
    } else if fit.width || fit.height {
        covering(image, width, height, wanted, own)
    } else {
        image.clone()
    })
}

/// The whole image in the middle, with nothing around it.
fn padded(image: &DynamicImage, width: u32, height: u32, wanted: f64, own: f64) -> DynamicImage {
    let side = |length: u32, ratio: f64| (ratio * f64::from(length)).round_ties_even().max(1.0) as u32;
    let (across, down) = if own > wanted {
        (width, side(width, f64::from(image.height()) / f64::from(image.width())))
    } else {
        (side(height, own), height)
    };
    let small = resize(image, across, down, ResampleMode::Bicubic);
    let middle =
        |outer: u32, inner: u32| ((f64::from(outer) - f64::from(inner)) * 0.5).round_ties_even() as i64;
    let place = if across == width { (0, middle(height, down)) } else { (middle(width, across), 0) };
    match &small {
        DynamicImage::ImageLuma8(small) => {
            let mut canvas = GrayImage::new(width, height);
            paste(&mut canvas, small, place, None);
            canvas.into()
        }
        DynamicImage::ImageLumaA8(small) => {
            let mut canvas = GrayAlphaImage::new(width, height);
            paste(&mut canvas, small, place, None);
            canvas.into()
        }
        small if small.color().has_alpha() => {
            let mut canvas = RgbaImage::new(width, height);
            paste(&mut canvas, &small.to_rgba8(), place, None);
            canvas.into()
        }
        small => {
            let mut canvas = RgbImage::new(width, height);
            paste(&mut canvas, &small.to_rgb8(), place, None);
            canvas.into()
        }
    }
}

/// As much of the image's middle as has the proportions.
fn covering(image: &DynamicImage, width: u32, height: u32, wanted: f64, own: f64) -> DynamicImage {
    let (across, down) = (f64::from(image.width()), f64::from(image.height()));
    let (part_across, part_down) = if own == wanted {
        (across, down)
    } else if own >= wanted {
        (wanted * down, down)
    } else {
        (across, across / wanted)
    };
    let (left, top) = ((across - part_across) * 0.5, (down - part_down) * 0.5);
    let part = [left, top, left + part_across, top + part_down];
    resize_part(image, part, width, height, ResampleMode::Bicubic)
}

/// An image in the mode of another (`convert`).
pub(super) fn in_mode(like: &DynamicImage, image: DynamicImage) -> DynamicImage {
    match (like.color().has_color(), like.color().has_alpha()) {
        (true, true) => image.to_rgba8().into(),
        (true, false) => image.to_rgb8().into(),
        (false, false) => luma(&image).into(),
        (false, true) => {
            let (gray, alpha) = (luma(&image), image.to_rgba8());
            GrayAlphaImage::from_fn(gray.width(), gray.height(), |x, y| {
                image::LumaA([gray.get_pixel(x, y).0[0], alpha.get_pixel(x, y).0[3]])
            })
            .into()
        }
    }
}
