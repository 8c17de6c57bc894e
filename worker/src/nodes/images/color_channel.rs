//! The channels that nodes may change, by upstream's names.
use image::{DynamicImage, RgbaImage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::color_modes::ColorMode;
use super::colors::lab;

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

/// Where a channel is found.
#[derive(Debug, Clone, Copy)]
enum Place {
    In(ColorMode, usize),
    Lab(usize),
    Alpha,
}

impl ColorChannel {
    fn place(self) -> Place {
        match self {
            Self::Red => Place::In(ColorMode::Rgb, 0),
            Self::Green => Place::In(ColorMode::Rgb, 1),
            Self::Blue => Place::In(ColorMode::Rgb, 2),
            Self::Cyan => Place::In(ColorMode::Cmyk, 0),
            Self::Magenta => Place::In(ColorMode::Cmyk, 1),
            Self::Yellow => Place::In(ColorMode::Cmyk, 2),
            Self::Black => Place::In(ColorMode::Cmyk, 3),
            Self::Hue => Place::In(ColorMode::Hsv, 0),
            Self::Saturation => Place::In(ColorMode::Hsv, 1),
            Self::Value => Place::In(ColorMode::Hsv, 2),
            Self::Luma => Place::In(ColorMode::YCbCr, 0),
            Self::BlueDifference => Place::In(ColorMode::YCbCr, 1),
            Self::RedDifference => Place::In(ColorMode::YCbCr, 2),
            Self::Luminosity => Place::Lab(0),
            Self::LabA => Place::Lab(1),
            Self::LabB => Place::Lab(2),
            Self::Alpha => Place::Alpha,
        }
    }

    /// The picture with this channel changed and its opacity kept, unless that is what changes.
    pub(crate) fn change(self, picture: &DynamicImage, change: impl Fn(u8) -> u8) -> RgbaImage {
        let mut result = picture.to_rgba8();
        let rgb = picture.to_rgb8();
        let colors = match self.place() {
            Place::Alpha => {
                result.pixels_mut().for_each(|pixel| pixel.0[3] = change(pixel.0[3]));
                return result;
            }
            Place::In(mode, channel) => mode.change_channel(&rgb, channel, change),
            Place::Lab(channel) => lab::change_channel(&rgb, channel, change),
        };
        for (pixel, color) in result.pixels_mut().zip(colors.pixels()) {
            pixel.0[..3].copy_from_slice(&color.0);
        }
        result
    }
}
