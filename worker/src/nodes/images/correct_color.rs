//! `color_correct`: the colours of another image.
use image::{DynamicImage, RgbImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::color_modes::ColorMode;
use super::destination::Destination;
use super::pillow::{channel, luma, paste, put_alpha};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Gives an image the distribution of colours of another one.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CorrectColor {
    #[serde(flatten)]
    destination: Destination,
    /// The image to change.
    base_image: ImageField,
    /// The image with the colours.
    color_reference: ImageField,
    /// Where the image stays as it is (white).
    #[serde(default)]
    mask: Option<ImageField>,
    /// What is matched.
    #[serde(default)]
    #[schemars(extend("title" = "Color Space"))]
    colorspace: ColorSpace,
}

/// What is matched: all channels, or only colour or brightness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum ColorSpace {
    #[default]
    #[serde(rename = "RGB")]
    Rgb,
    YCbCr,
    #[serde(rename = "YCbCr-Chroma")]
    Chroma,
    #[serde(rename = "YCbCr-Luma")]
    Luma,
}

impl ColorSpace {
    fn channels(self) -> (ColorMode, &'static [usize]) {
        match self {
            Self::Rgb => (ColorMode::Rgb, &[0, 1, 2]),
            Self::YCbCr => (ColorMode::YCbCr, &[0, 1, 2]),
            Self::Chroma => (ColorMode::YCbCr, &[1, 2]),
            Self::Luma => (ColorMode::YCbCr, &[0]),
        }
    }
}

/// The picture with channels of the reference's distribution.
fn matched(picture: &RgbImage, reference: &RgbImage, mode: ColorMode, channels: &[usize]) -> RgbImage {
    let mut result = picture.clone();
    let mut tables = [None; 4];
    for channel in channels {
        let shares = |picture: &RgbImage| {
            let mut counts = [0u32; 256];
            picture.pixels().for_each(|pixel| counts[usize::from(mode.take_apart(*pixel)[*channel])] += 1);
            let total = f64::from(picture.width()) * f64::from(picture.height());
            let mut sum = 0;
            counts.map(|count| {
                sum += count;
                f64::from(sum) / total.max(1.0)
            })
        };
        tables[*channel] = Some(table(&shares(picture), &shares(reference)));
    }
    for pixel in result.pixels_mut() {
        let mut values = mode.take_apart(*pixel);
        for (value, table) in values.iter_mut().zip(&tables) {
            if let Some(table) = table {
                *value = table[usize::from(*value)];
            }
        }
        *pixel = mode.put_together(values);
    }
    result
}

/// For each value the one that as many of the reference's pixels do not exceed; in between linear.
fn table(own: &[f64; 256], reference: &[f64; 256]) -> [u8; 256] {
    own.map(|share| {
        // The last place that is not above, as numpy.interp searches.
        let after = reference.partition_point(|other| *other <= share);
        let Some(before) = after.checked_sub(1) else { return 0 };
        if after >= 256 {
            return 255;
        }
        let (low, high) = (reference[before], reference[after]);
        (before as f64 + (share - low) / (high - low)) as u8
    })
}

impl Invocation for CorrectColor {
    const TYPE: &'static str = "color_correct";
    const SCHEMA_NAME: &'static str = "ColorCorrectInvocation";
    const TITLE: &'static str = "Color Correct";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "2.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let base = context.load_image(&self.base_image.image_name)?.to_rgba8();
        let colors = DynamicImage::ImageRgba8(base.clone()).to_rgb8();
        let reference = context.load_image(&self.color_reference.image_name)?.to_rgb8();
        let (mode, channels) = self.colorspace.channels();
        let mut corrected = matched(&colors, &reference, mode, channels);
        if let Some(mask) = &self.mask {
            let mask = luma(&context.load_image(&mask.image_name)?);
            if mask.dimensions() != base.dimensions() {
                return Err(InvocationError::BadInput("Mask size must match base image size.".to_owned()));
            }
            paste(&mut corrected, &colors, (0, 0), Some(&mask));
        }
        let mut result = DynamicImage::ImageRgb8(corrected).to_rgba8();
        put_alpha(&mut result, &channel(&base, 3))?;
        self.destination.save(context, result)
    }
}
