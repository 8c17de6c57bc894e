//! `invokeai_img_hue_adjust_plus`: other hues, in one of several colour spaces.
use std::f32::consts::PI;

use image::Rgb;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::adjust_hue_oklch::turned;
use super::color_modes::ColorMode;
use super::colors::{byte, gamut, lab, okhsl, okhsv, remainder, srgb, unit};
use super::destination::Destination;
use super::pillow::{change_colors, in_mode_of};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Turns the hues of an image in a colour space.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct AdjustHuePlus {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The colour space. UPLab is not available here: its profile may not be passed on.
    #[serde(default)]
    space: HueSpace,
    /// By how many degrees.
    #[serde(default)]
    degrees: f64,
    /// Whether CIELAB's lightness is kept.
    #[serde(default)]
    preserve_lightness: bool,
    /// The greater, the more chroma is kept and the more lightness given up (Oklab).
    #[serde(default = "slight")]
    #[schemars(range(min = 0))]
    ok_adaptive_gamut: f64,
    /// Whether the limits of sRGB are found in more steps (Oklab, Okhsl, Okhsv).
    #[serde(default = "yes")]
    ok_high_precision: bool,
}

/// Colour spaces with a hue; those with a star lose colours that sRGB does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum HueSpace {
    #[default]
    #[serde(rename = "HSV / HSL / RGB")]
    Hsv,
    Okhsl,
    Okhsv,
    #[serde(rename = "*Oklch / Oklab")]
    Oklch,
    #[serde(rename = "*LCh / CIELab")]
    Lch,
    #[serde(rename = "*UPLab (w/CIELab_to_UPLab.icc)")]
    UpLab,
}

fn slight() -> f64 {
    0.05
}

fn yes() -> bool {
    true
}

/// Degrees of a hue, turned.
fn turn(hue: f32, degrees: f32) -> f32 {
    remainder(hue + degrees, 360.0)
}

/// A colour in HSV of 8 bits, turned.
fn turned_hsv(color: Rgb<u8>, degrees: f32) -> Rgb<u8> {
    let [hue, saturation, value, _] = ColorMode::Hsv.take_apart(color);
    let [hue, saturation, value] = unit([hue, saturation, value]);
    let hue = turn(hue * 360.0, degrees) / 360.0;
    ColorMode::Hsv.put_together([byte(hue), byte(saturation), byte(value), 0])
}

/// A colour in CIELAB of 8 bits, turned around grey.
fn turned_lab(color: Rgb<u8>, degrees: f32) -> Rgb<u8> {
    let [lightness, a, b] = lab::from_rgb(color);
    let [a, b] = [a, b].map(|value| f32::from(value) / 255.0 * 2.0 - 1.0);
    let hue = remainder(b.atan2(a) + degrees / 180.0 * PI + PI, 2.0 * PI) - PI;
    let chroma = (a * a + b * b).sqrt();
    let [a, b] = [hue.cos(), hue.sin()].map(|share| byte((chroma * share + 1.0) / 2.0));
    lab::to_rgb([lightness, a, b], lab::Table::Fine)
}

impl Invocation for AdjustHuePlus {
    const TYPE: &'static str = "invokeai_img_hue_adjust_plus";
    const SCHEMA_NAME: &'static str = "InvokeAdjustImageHuePlusInvocation";
    const TITLE: &'static str = "Adjust Image Hue Plus";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        if self.space == HueSpace::UpLab {
            return Err(InvocationError::BadInput(
                "UPLab is not available here: its colour profile may not be passed on".to_owned(),
            ));
        }
        let image = context.load_image(&self.image.image_name)?;
        let steps = if self.ok_high_precision { 3 } else { 1 };
        let (degrees, alpha) = (self.degrees as f32, self.ok_adaptive_gamut as f32);
        let turned = |color: Rgb<u8>| match self.space {
            HueSpace::Hsv | HueSpace::UpLab => turned_hsv(color, degrees),
            HueSpace::Okhsl => {
                let [hue, saturation, lightness] = okhsl::from_srgb(unit(color.0), steps);
                Rgb(okhsl::to_srgb([turn(hue, degrees), saturation, lightness], 0.0, steps).map(byte))
            }
            HueSpace::Okhsv => {
                let [hue, saturation, value] = okhsv::from_srgb(unit(color.0), steps);
                Rgb(okhsv::to_srgb([turn(hue, degrees), saturation, value], 0.0, steps).map(byte))
            }
            HueSpace::Oklch => {
                let mut light = turned(unit(color.0), degrees);
                if alpha > 0.0 {
                    light = gamut::clip(light, alpha, steps);
                }
                Rgb(srgb::from_linear(light).map(byte))
            }
            HueSpace::Lch => turned_lab(color, degrees),
        };
        let keeps_lightness = self.preserve_lightness && self.space != HueSpace::Lch;
        let result = change_colors(&image.to_rgb8(), |color| {
            let other = turned(color);
            if !keeps_lightness {
                return other;
            }
            let [lightness, ..] = lab::from_rgb(color);
            let [_, a, b] = lab::from_rgb(other);
            lab::to_rgb([lightness, a, b], lab::Table::Fine)
        });
        self.destination.save(context, in_mode_of(&image, result))
    }
}
