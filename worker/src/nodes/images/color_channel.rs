//! The channels that nodes may change, by upstream's names.
use image::{DynamicImage, RgbaImage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::color_modes::ColorMode;
use crate::invocation::InvocationError;

/// A channel of a colour mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum ColorChannel {
    #[serde(rename = "Red (RGBA)")]
    Red,
    #[serde(rename = "Green (RGBA)")]
    Green,
    #[serde(rename = "Blue (RGBA)")]
    Blue,
    #[serde(rename = "Alpha (RGBA)")]
    Alpha,
    #[serde(rename = "Cyan (CMYK)")]
    Cyan,
    #[serde(rename = "Magenta (CMYK)")]
    Magenta,
    #[serde(rename = "Yellow (CMYK)")]
    Yellow,
    #[serde(rename = "Black (CMYK)")]
    Black,
    #[serde(rename = "Hue (HSV)")]
    Hue,
    #[serde(rename = "Saturation (HSV)")]
    Saturation,
    #[serde(rename = "Value (HSV)")]
    Value,
    #[serde(rename = "Luminosity (LAB)")]
    Luminosity,
    #[serde(rename = "A (LAB)")]
    LabA,
    #[serde(rename = "B (LAB)")]
    LabB,
    #[serde(rename = "Y (YCbCr)")]
    Luma,
    #[serde(rename = "Cb (YCbCr)")]
    BlueDifference,
    #[serde(rename = "Cr (YCbCr)")]
    RedDifference,
}

impl ColorChannel {
    fn place(self) -> Option<(ColorMode, usize)> {
        Some(match self {
            Self::Red => (ColorMode::Rgb, 0),
            Self::Green => (ColorMode::Rgb, 1),
            Self::Blue => (ColorMode::Rgb, 2),
            Self::Cyan => (ColorMode::Cmyk, 0),
            Self::Magenta => (ColorMode::Cmyk, 1),
            Self::Yellow => (ColorMode::Cmyk, 2),
            Self::Black => (ColorMode::Cmyk, 3),
            Self::Hue => (ColorMode::Hsv, 0),
            Self::Saturation => (ColorMode::Hsv, 1),
            Self::Value => (ColorMode::Hsv, 2),
            Self::Luma => (ColorMode::YCbCr, 0),
            Self::BlueDifference => (ColorMode::YCbCr, 1),
            Self::RedDifference => (ColorMode::YCbCr, 2),
            Self::Alpha | Self::Luminosity | Self::LabA | Self::LabB => return None,
        })
    }

    /// The picture with this channel changed and its opacity kept, unless that is what changes.
    ///
    /// # Errors
    /// LAB needs colour profiles, which are not available here.
    pub(crate) fn change(
        self,
        picture: &DynamicImage,
        change: impl Fn(u8) -> u8,
    ) -> Result<RgbaImage, InvocationError> {
        let mut result = picture.to_rgba8();
        if self == Self::Alpha {
            result.pixels_mut().for_each(|pixel| pixel.0[3] = change(pixel.0[3]));
            return Ok(result);
        }
        let (mode, channel) = self
            .place()
            .ok_or_else(|| InvocationError::BadInput("LAB colours are not available here".to_owned()))?;
        let colors = mode.change_channel(&picture.to_rgb8(), channel, change);
        for (pixel, color) in result.pixels_mut().zip(colors.pixels()) {
            pixel.0[..3].copy_from_slice(&color.0);
        }
        Ok(result)
    }
}
