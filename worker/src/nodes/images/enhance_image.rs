//! `invokeai_img_enhance`: colour, contrast, brightness, sharpness.
use image::{DynamicImage, Rgb, RgbImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{in_mode_of, luma, map_values};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Changes colour, contrast, brightness and sharpness of an image; 1 leaves each as it is.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct EnhanceImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// Whether the colours are turned round first.
    #[serde(default)]
    invert: bool,
    /// How colourful.
    #[serde(default = "one")]
    #[schemars(range(min = 0))]
    color: f64,
    /// How contrasty.
    #[serde(default = "one")]
    #[schemars(range(min = 0))]
    contrast: f64,
    /// How bright.
    #[serde(default = "one")]
    #[schemars(range(min = 0))]
    brightness: f64,
    /// How sharp.
    #[serde(default = "one")]
    #[schemars(range(min = 0))]
    sharpness: f64,
}

fn one() -> f64 {
    1.0
}

/// From the degenerate picture (factor 0) to the picture (1), and beyond.
fn extrapolated(degenerate: &RgbImage, picture: &RgbImage, factor: f64) -> RgbImage {
    let factor = factor as f32;
    let mut result = picture.clone();
    for (value, other) in result.iter_mut().zip(degenerate.iter()) {
        let (own, other) = (f32::from(*value), f32::from(*other));
        *value = (other + factor * (own - other)).clamp(0.0, 255.0) as u8;
    }
    result
}

fn gray(picture: &RgbImage) -> RgbImage {
    DynamicImage::from(luma(&picture.clone().into())).to_rgb8()
}

fn mean(picture: &RgbImage) -> RgbImage {
    let gray = luma(&picture.clone().into());
    let sum: f64 = gray.iter().map(|value| f64::from(*value)).sum();
    let mean = (sum / gray.len().max(1) as f64 + 0.5) as u8;
    RgbImage::from_pixel(picture.width(), picture.height(), Rgb([mean; 3]))
}

fn black(picture: &RgbImage) -> RgbImage {
    RgbImage::new(picture.width(), picture.height())
}

/// Pillow's SMOOTH: every inner pixel a mean of its neighbours, itself five times.
fn smooth(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        if x == 0 || y == 0 || x + 1 == width || y + 1 == height {
            return *picture.get_pixel(x, y);
        }
        Rgb([0, 1, 2].map(|channel: usize| {
            let value = |x: u32, y: u32| f32::from(picture.get_pixel(x, y).0[channel]);
            let around: f32 = (y - 1..=y + 1)
                .flat_map(|y| (x - 1..=x + 1).map(move |x| (x, y)))
                .map(|(x, y)| value(x, y))
                .sum();
            ((around + 4.0 * value(x, y)) / 13.0 + 0.5) as u8
        }))
    })
}

impl Invocation for EnhanceImage {
    const TYPE: &'static str = "invokeai_img_enhance";
    const SCHEMA_NAME: &'static str = "InvokeImageEnhanceInvocation";
    const TITLE: &'static str = "Enhance Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.1";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let mut image = context.load_image(&self.image.image_name)?;
        if self.invert {
            image = if image.color().has_color() || image.color().has_alpha() {
                image.to_rgb8().into()
            } else {
                luma(&image).into()
            };
            image = map_values(&image, |value| 255 - value);
        }
        type Degenerate = fn(&RgbImage) -> RgbImage;
        let steps: [(f64, Degenerate); 4] =
            [(self.color, gray), (self.contrast, mean), (self.brightness, black), (self.sharpness, smooth)];
        for (factor, degenerate) in steps {
            if factor != 1.0 {
                let colors = image.to_rgb8();
                image = in_mode_of(&image, extrapolated(&degenerate(&colors), &colors, factor));
            }
        }
        self.destination.save(context, image)
    }
}
