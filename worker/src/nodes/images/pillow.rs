//! Arithmetic of pixels as Pillow does it, so that pictures agree with upstream's to the last bit.
use image::{
    DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, Luma, LumaA, Pixel, Rgb, RgbImage, Rgba, RgbaImage,
};

use crate::invocation::InvocationError;

/// The largest side that a node may make.
const LARGEST_SIDE: i64 = 32_768;
/// The most pixels that a node may make.
const MOST_PIXELS: i64 = 1 << 28;

/// A picture's size, when it can be one.
///
/// # Errors
/// A side is not positive, or the picture would be too large.
pub(crate) fn size(width: i64, height: i64) -> Result<(u32, u32), InvocationError> {
    if width <= 0 || height <= 0 {
        return Err(InvocationError::BadInput(format!(
            "width and height must be > 0, not {width} and {height}"
        )));
    }
    if width.max(height) > LARGEST_SIDE || width * height > MOST_PIXELS {
        return Err(InvocationError::BadInput(format!(
            "a picture of {width} by {height} pixels is too large"
        )));
    }
    Ok((width as u32, height as u32))
}

/// `a · b / 255`, rounded (`MULDIV255`).
pub(crate) fn multiply(a: u8, b: u8) -> u8 {
    divide_by_255(u32::from(a) * u32::from(b))
}

/// `value / 255`, rounded.
fn divide_by_255(value: u32) -> u8 {
    let value = value + 128;
    ((value + (value >> 8)) >> 8) as u8
}

/// From `a` (share 0) to `b` (share 255).
pub(crate) fn mix(a: u8, b: u8, share: u8) -> u8 {
    divide_by_255(u32::from(a) * (255 - u32::from(share)) + u32::from(b) * u32::from(share))
}

/// The brightness of a picture by ITU-R 601-2 (`convert("L")`).
pub(crate) fn luma(picture: &DynamicImage) -> GrayImage {
    match picture {
        DynamicImage::ImageLuma8(gray) => gray.clone(),
        DynamicImage::ImageLumaA8(gray) => {
            GrayImage::from_fn(gray.width(), gray.height(), |x, y| Luma([gray.get_pixel(x, y).0[0]]))
        }
        other => {
            let rgb = other.to_rgb8();
            GrayImage::from_fn(rgb.width(), rgb.height(), |x, y| {
                let [red, green, blue] = rgb.get_pixel(x, y).0.map(u32::from);
                Luma([((red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16) as u8])
            })
        }
    }
}

/// The opposite of every value (`ImageOps.invert`).
pub(crate) fn invert(mut mask: GrayImage) -> GrayImage {
    mask.pixels_mut().for_each(|pixel| pixel.0[0] = 255 - pixel.0[0]);
    mask
}

/// One channel of a picture with four.
pub(crate) fn channel(picture: &RgbaImage, index: usize) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| Luma([picture.get_pixel(x, y).0[index]]))
}

/// Replaces the alpha channel.
///
/// # Errors
/// The sizes differ.
pub(crate) fn put_alpha(picture: &mut RgbaImage, alpha: &GrayImage) -> Result<(), InvocationError> {
    same_size(picture.dimensions(), alpha.dimensions())?;
    picture.pixels_mut().zip(alpha.pixels()).for_each(|(pixel, alpha)| pixel.0[3] = alpha.0[0]);
    Ok(())
}

/// # Errors
/// The sizes differ.
pub(crate) fn same_size(a: (u32, u32), b: (u32, u32)) -> Result<(), InvocationError> {
    if a == b {
        Ok(())
    } else {
        Err(InvocationError::BadInput(format!("images do not match: {a:?} and {b:?}")))
    }
}

/// Puts `top` onto `base` with its left upper corner at a place; what does not fit is cut off.
pub(crate) fn paste<P: Pixel<Subpixel = u8>>(
    base: &mut ImageBuffer<P, Vec<u8>>,
    top: &ImageBuffer<P, Vec<u8>>,
    (left, upper): (i64, i64),
    mask: Option<&GrayImage>,
) {
    for (x, y, pixel) in top.enumerate_pixels() {
        let (to_x, to_y) = (left + i64::from(x), upper + i64::from(y));
        if to_x < 0 || to_y < 0 || to_x >= i64::from(base.width()) || to_y >= i64::from(base.height()) {
            continue;
        }
        let target = base.get_pixel_mut(to_x as u32, to_y as u32);
        match mask {
            None => *target = *pixel,
            Some(mask) => {
                let share = mask.get_pixel(x, y).0[0];
                let values = target.channels_mut().iter_mut().zip(pixel.channels());
                values.for_each(|(target, value)| *target = mix(*target, *value, share));
            }
        }
    }
}

/// `top` over `base`, both of the same size (`Image.alpha_composite`).
pub(crate) fn alpha_composite(base: &RgbaImage, top: &RgbaImage) -> RgbaImage {
    /// Bits after the point in Pillow's fixed-point factors.
    const BITS: u32 = 7;
    RgbaImage::from_fn(base.width(), base.height(), |x, y| {
        let (below, above) = (base.get_pixel(x, y), top.get_pixel(x, y));
        let (alpha, alpha_below) = (u32::from(above.0[3]), u32::from(below.0[3]));
        if alpha == 0 {
            return *below;
        }
        let total = alpha * 255 + alpha_below * (255 - alpha);
        let factor = alpha * 255 * 255 * (1 << BITS) / total;
        let factor_below = 255 * (1 << BITS) - factor;
        let blend = |channel: usize| {
            let sum = u32::from(above.0[channel]) * factor + u32::from(below.0[channel]) * factor_below;
            let sum = sum + (0x80 << BITS);
            (((sum >> 8) + sum) >> 8 >> BITS) as u8
        };
        Rgba([blend(0), blend(1), blend(2), divide_by_255(total)])
    })
}

/// Every value of every channel, opacity too, changed alone.
pub(crate) fn map_values(picture: &DynamicImage, change: impl Fn(u8) -> u8) -> DynamicImage {
    let picture = eight_bits(picture);
    let changed = picture.as_bytes().iter().map(|value| change(*value)).collect();
    from_bytes(&picture, changed).unwrap_or(picture)
}

/// A picture with every colour changed alone.
pub(crate) fn change_colors(picture: &RgbImage, change: impl Fn(Rgb<u8>) -> Rgb<u8>) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| change(*picture.get_pixel(x, y)))
}

/// The picture with values of 8 bits.
fn eight_bits(picture: &DynamicImage) -> DynamicImage {
    match picture.color().bits_per_pixel() / u16::from(picture.color().channel_count()) {
        8 => picture.clone(),
        _ if picture.color().has_alpha() => picture.to_rgba8().into(),
        _ if picture.color().has_color() => picture.to_rgb8().into(),
        _ => picture.to_luma8().into(),
    }
}

/// A picture of the size and mode of another, of these values; `None` when they are too few or the mode has more
/// than 8 bits a value.
pub(crate) fn from_bytes(like: &DynamicImage, bytes: Vec<u8>) -> Option<DynamicImage> {
    let (width, height) = (like.width(), like.height());
    Some(match like {
        DynamicImage::ImageLuma8(_) => {
            ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageLuma8)?
        }
        DynamicImage::ImageLumaA8(_) => {
            ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageLumaA8)?
        }
        DynamicImage::ImageRgb8(_) => {
            ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8)?
        }
        DynamicImage::ImageRgba8(_) => {
            ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageRgba8)?
        }
        _ => return None,
    })
}

/// Colours in the mode of another picture, with its opacity.
pub(crate) fn in_mode_of(like: &DynamicImage, colors: RgbImage) -> DynamicImage {
    if like.color().has_alpha() && !like.color().has_color() {
        let (gray, original) = (luma(&colors.into()), like.to_rgba8());
        return GrayAlphaImage::from_fn(gray.width(), gray.height(), |x, y| {
            LumaA([gray.get_pixel(x, y).0[0], original.get_pixel(x, y).0[3]])
        })
        .into();
    }
    if like.color().has_alpha() {
        let original = like.to_rgba8();
        return RgbaImage::from_fn(colors.width(), colors.height(), |x, y| {
            let [red, green, blue] = colors.get_pixel(x, y).0;
            Rgba([red, green, blue, original.get_pixel(x, y).0[3]])
        })
        .into();
    }
    if like.color().has_color() { colors.into() } else { luma(&colors.into()).into() }
}

/// `top` on `base` at its left upper corner, through a mask, in the mode of `base`.
///
/// # Errors
/// The mask has another size than `top`.
pub(crate) fn pasted(
    base: &DynamicImage,
    top: &DynamicImage,
    mask: &GrayImage,
) -> Result<DynamicImage, InvocationError> {
    same_size(mask.dimensions(), (top.width(), top.height()))?;
    if base.color().has_alpha() {
        let mut result = base.to_rgba8();
        paste(&mut result, &top.to_rgba8(), (0, 0), Some(mask));
        return Ok(result.into());
    }
    if base.color().has_color() {
        let mut result = base.to_rgb8();
        paste(&mut result, &top.to_rgb8(), (0, 0), Some(mask));
        return Ok(result.into());
    }
    let mut result = luma(base);
    paste(&mut result, &luma(top), (0, 0), Some(mask));
    Ok(result.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_over_something_is_something_and_opaque_covers() {
        let below = RgbaImage::from_pixel(1, 1, Rgba([10, 20, 30, 200]));
        let nothing = RgbaImage::from_pixel(1, 1, Rgba([250, 250, 250, 0]));
        let cover = RgbaImage::from_pixel(1, 1, Rgba([1, 2, 3, 255]));
        assert_eq!(alpha_composite(&below, &nothing), below);
        assert_eq!(alpha_composite(&below, &cover), cover);
    }

    #[test]
    fn sizes_that_nobody_can_mean_are_refused() {
        assert!(size(0, 10).is_err());
        assert!(size(-1, 10).is_err());
        assert!(size(100_000, 1).is_err());
        assert!(size(30_000, 30_000).is_err());
        assert_eq!(size(64, 32).unwrap(), (64, 32));
    }
}
