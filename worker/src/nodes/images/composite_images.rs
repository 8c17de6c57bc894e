//! `invokeai_img_composite`: a subject without its backdrop, on another image.
use std::collections::VecDeque;

use image::{DynamicImage, Rgba, RgbaImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::fit::{self, Fit};
use super::pillow::{alpha_composite, same_size};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Takes the backdrop away from a subject and lays the subject over a background.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CompositeImages {
    #[serde(flatten)]
    destination: Destination,
    /// The subject on a plain backdrop.
    image_subject: ImageField,
    /// The background.
    image_background: ImageField,
    /// The backdrop's colour, by CSS or as `(red, green, blue)`; empty: what touches the corners.
    #[serde(default)]
    chroma_key: String,
    /// How far colours may be from the backdrop's.
    #[serde(default = "fifty")]
    #[schemars(range(min = 0))]
    threshold: i64,
    /// Whether the subject is made as wide as the background.
    #[serde(default)]
    fill_x: bool,
    /// Whether the subject is made as high as the background.
    #[serde(default = "yes")]
    fill_y: bool,
    /// How far to the right the subject moves; what leaves comes in on the other side.
    #[serde(default)]
    x_offset: i64,
    /// How far up the subject moves.
    #[serde(default)]
    y_offset: i64,
}

fn fifty() -> i64 {
    50
}

fn yes() -> bool {
    true
}

/// Red, green, blue and opacity of a key.
fn key_color(key: &str) -> Result<[f64; 4], InvocationError> {
    let unknown = || InvocationError::BadInput(format!("unknown color specifier: '{key}'"));
    if let Some(numbers) = key.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let mut color = [0.0, 0.0, 0.0, 255.0];
        let numbers = numbers.split(',').map(str::trim).filter(|number| !number.is_empty());
        for (index, number) in numbers.enumerate() {
            *color.get_mut(index).ok_or_else(unknown)? = number.parse().map_err(|_| unknown())?;
        }
        return Ok(color);
    }
    let color = csscolorparser::parse(key).map_err(|_| unknown())?;
    Ok(color.to_rgba8().map(f64::from))
}

/// Takes away the pixels whose colours are near the key.
fn remove_key(image: &mut RgbaImage, key: [f64; 4], threshold: i64) {
    let most = (threshold as f64).powi(2);
    for pixel in image.pixels_mut() {
        let distance: f64 =
            pixel.0.iter().zip(key).map(|(value, key)| (f64::from(*value) - key).powi(2)).sum();
        if distance < most {
            *pixel = Rgba([0; 4]);
        }
    }
}

/// Takes away what is connected with a pixel and of about its colour (`ImageDraw.floodfill`).
fn remove_connected(image: &mut RgbaImage, start: (u32, u32), threshold: i64) {
    let distance = |left: &Rgba<u8>, right: &Rgba<u8>| -> i64 {
        left.0.iter().zip(right.0).map(|(left, right)| i64::from(left.abs_diff(right))).sum()
    };
    let nothing = Rgba([0; 4]);
    let ground = *image.get_pixel(start.0, start.1);
    if distance(&nothing, &ground) <= threshold {
        return;
    }
    image.put_pixel(start.0, start.1, nothing);
    let mut edge = VecDeque::from([start]);
    let mut seen = vec![false; (image.width() * image.height()) as usize];
    while let Some((x, y)) = edge.pop_front() {
        for (right, down) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
            let (Some(x), Some(y)) = (x.checked_add_signed(right), y.checked_add_signed(down)) else {
                continue;
            };
            if x >= image.width() || y >= image.height() {
                continue;
            }
            let seen = &mut seen[(y * image.width() + x) as usize];
            if !*seen && distance(image.get_pixel(x, y), &ground) <= threshold {
                image.put_pixel(x, y, nothing);
                edge.push_back((x, y));
            }
            *seen = true;
        }
    }
}

/// Moves a picture; what leaves comes in on the other side (`ImageChops.offset`).
fn moved(image: &RgbaImage, right: i64, down: i64) -> RgbaImage {
    let (width, height) = (i64::from(image.width()), i64::from(image.height()));
    RgbaImage::from_fn(image.width(), image.height(), |x, y| {
        let (x, y) = ((i64::from(x) - right).rem_euclid(width), (i64::from(y) - down).rem_euclid(height));
        *image.get_pixel(x as u32, y as u32)
    })
}

impl Invocation for CompositeImages {
    const TYPE: &'static str = "invokeai_img_composite";
    const SCHEMA_NAME: &'static str = "InvokeImageCompositorInvocation";
    const TITLE: &'static str = "Image Compositor";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let background = context.load_image(&self.image_background.image_name)?.to_rgba8();
        let mut subject = context.load_image(&self.image_subject.image_name)?.to_rgba8();
        let key = self.chroma_key.trim();
        if key.is_empty() {
            let (right, bottom) = (subject.width().saturating_sub(1), subject.height().saturating_sub(1));
            for corner in [(0, 0), (0, bottom), (right, 0), (right, bottom)] {
                remove_connected(&mut subject, corner, self.threshold);
            }
        } else {
            remove_key(&mut subject, key_color(key)?, self.threshold);
        }
        let fit = Fit { width: self.fill_x, height: self.fill_y };
        let fitted = fit::fitted(&DynamicImage::ImageRgba8(subject), background.dimensions(), fit)?;
        let mut subject = fitted.to_rgba8();
        if (self.x_offset, self.y_offset) != (0, 0) {
            subject = moved(&subject, self.x_offset, -self.y_offset);
        }
        same_size(background.dimensions(), subject.dimensions())?;
        self.destination.save(context, alpha_composite(&background, &subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read() {
        assert_eq!(key_color("#00C81E").unwrap(), [0.0, 200.0, 30.0, 255.0]);
        assert_eq!(key_color("white").unwrap(), [255.0; 4]);
        assert_eq!(key_color("(1, 2)").unwrap(), [1.0, 2.0, 0.0, 255.0]);
        assert!(key_color("(1,2,3,4,5)").is_err());
        assert!(key_color("no colour").is_err());
    }

    #[test]
    fn only_what_is_connected_goes() {
        let mut image = RgbaImage::from_pixel(5, 1, Rgba([9, 9, 9, 255]));
        image.put_pixel(2, 0, Rgba([200, 0, 0, 255]));
        remove_connected(&mut image, (0, 0), 10);
        let alphas: Vec<u8> = image.pixels().map(|pixel| pixel.0[3]).collect();
        assert_eq!(alphas, [0, 0, 255, 255, 255]);
    }
}
