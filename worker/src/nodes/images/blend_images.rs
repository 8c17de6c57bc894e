//! `invokeai_img_blend`: one image on another, blended.
use std::f32::consts::PI;

use image::{DynamicImage, Rgb, Rgba, RgbaImage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::achromatic_lightness::adjustment;
use super::blend_modes::{BlendMode, Pair, Places};
use super::color_modes::ColorMode;
use super::colors::{Color, byte, gamut, lab, okhsl, okhsv, oklab, remainder, srgb, unit};
use super::destination::Destination;
use super::fit::{self, Fit};
use super::pillow::{luma, same_size};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Blends two images.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct BlendImages {
    #[serde(flatten)]
    destination: Destination,
    /// The image on top.
    #[schemars(extend("ui_order" = 1))]
    layer_upper: ImageField,
    /// How the images are blended.
    #[serde(default)]
    #[schemars(extend("ui_order" = 2))]
    blend_mode: BlendMode,
    /// How opaque the upper image is.
    #[serde(default = "one")]
    #[schemars(range(min = 0))]
    #[schemars(extend("ui_order" = 3))]
    opacity: f64,
    /// Where the upper image does not show (white).
    #[serde(default)]
    #[schemars(extend("ui_order" = 4))]
    mask: Option<ImageField>,
    /// Whether the upper image is made as wide as the lower one.
    #[serde(default)]
    #[schemars(extend("ui_order" = 5))]
    fit_to_width: bool,
    /// Whether the upper image is made as high as the lower one.
    #[serde(default = "yes")]
    #[schemars(extend("ui_order" = 6))]
    fit_to_height: bool,
    /// The image below.
    #[schemars(extend("ui_order" = 7))]
    layer_base: ImageField,
    /// The colour space of the computation.
    #[serde(default)]
    #[schemars(extend("ui_order" = 8))]
    color_space: BlendSpace,
    /// How colours that sRGB lacks are brought back: 0 cuts them off; the greater, the more chroma is kept.
    #[serde(default)]
    #[schemars(range(min = 0))]
    #[schemars(extend("ui_order" = 9))]
    adaptive_gamut: f64,
    /// Whether the limits of sRGB are found in more steps.
    #[serde(default = "yes")]
    #[schemars(extend("ui_order" = 10))]
    high_precision: bool,
}

/// The colour spaces of blending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum BlendSpace {
    #[default]
    #[serde(rename = "RGB")]
    Rgb,
    #[serde(rename = "Linear RGB")]
    Linear,
    #[serde(rename = "HSL (RGB)")]
    Hsl,
    #[serde(rename = "HSV (RGB)")]
    Hsv,
    Okhsl,
    Okhsv,
    #[serde(rename = "Oklch (Oklab)")]
    Oklch,
    #[serde(rename = "LCh (CIELab)")]
    Lch,
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

impl BlendSpace {
    fn places(self) -> Option<Places> {
        let (lightness, saturation, hue, turn) = match self {
            Self::Rgb | Self::Linear => return None,
            Self::Hsl | Self::Hsv | Self::Okhsl | Self::Okhsv => (2, 1, 0, 360.0),
            Self::Oklch => (0, 1, 2, 360.0),
            Self::Lch => (0, 1, 2, 2.0 * PI),
        };
        Some(Places { lightness, saturation, hue, turn })
    }

    fn take_apart(self, color: [u8; 3], steps: u32) -> Color {
        let own = unit(color);
        match self {
            Self::Rgb => own,
            Self::Linear => srgb::to_linear(own),
            Self::Hsl => srgb::to_hsl(own),
            Self::Hsv => {
                let [hue, saturation, value, _] = ColorMode::Hsv.take_apart(Rgb(color));
                let [hue, saturation, value] = unit([hue, saturation, value]);
                [hue * 360.0, saturation, value]
            }
            Self::Okhsl => okhsl::from_srgb(own, steps),
            Self::Okhsv => okhsv::from_srgb(own, steps),
            Self::Oklch => oklab::to_polar(oklab::from_linear(srgb::to_linear(own))),
            Self::Lch => polar_lab(color),
        }
    }

    /// Linear sRGB.
    fn put_together(self, color: Color, alpha: f32, steps: u32) -> Color {
        match self {
            Self::Rgb => srgb::to_linear(color),
            Self::Linear => color,
            Self::Hsl => srgb::to_linear(srgb::from_hsl(color)),
            Self::Hsv => {
                let [hue, saturation, value] = color;
                let hue = byte(remainder(hue, 360.0) / 360.0);
                let [saturation, value] = [saturation, value].map(|value| byte(value.clamp(0.0, 1.0)));
                srgb::to_linear(unit(ColorMode::Hsv.put_together([hue, saturation, value, 0]).0))
            }
            Self::Okhsl => srgb::to_linear(okhsl::to_srgb(color, alpha, steps)),
            Self::Okhsv => srgb::to_linear(okhsv::to_srgb(color, alpha, steps)),
            Self::Oklch => oklab::to_linear(oklab::from_polar(color)),
            Self::Lch => {
                let [lightness, chroma, hue] = color;
                let [a, b] = [hue.cos(), hue.sin()].map(|share| byte((chroma * share + 1.0) / 2.0));
                srgb::to_linear(unit(
                    lab::to_rgb([byte(lightness.clamp(0.0, 1.0)), a, b], lab::Table::Fine).0,
                ))
            }
        }
    }
}

/// Lightness of 0…1, chroma, and hue in radians, of CIELAB in 8 bits.
pub(super) fn polar_lab(color: [u8; 3]) -> Color {
    let [lightness, a, b] = unit(lab::from_rgb(Rgb(color)));
    let [a, b] = [a, b].map(|value| value * 2.0 - 1.0);
    [lightness, (a * a + b * b).sqrt(), b.atan2(a)]
}

/// What is the same for all pixels.
struct Blending {
    mode: BlendMode,
    space: BlendSpace,
    alpha: f32,
    steps: u32,
    /// What the equivalent achromatic lightness adds: upper, lower.
    adjustments: [f32; 2],
}

impl Blending {
    /// Finite, and inside of 0…1.
    fn settled(&self, light: Color) -> Color {
        let finite = |color: Color| color.map(|value| if value.is_nan() { f32::MAX } else { value });
        let mut light = finite(light);
        if self.alpha > 0.0 {
            light = finite(gamut::clip(light, self.alpha, self.steps));
        }
        light.map(|value| value.clamp(0.0, 1.0))
    }

    /// The blended colour, before the upper layer's opacity.
    fn color(&self, upper: [u8; 3], lower: [u8; 3]) -> Color {
        let achromatic = if self.mode.is_achromatic() {
            let lightness = |color: [u8; 3], adjustment: f32| {
                (polar_lab(color)[0] + adjustment - adjustment) / (1.0 + adjustment - adjustment)
            };
            [lightness(upper, self.adjustments[0]), lightness(lower, self.adjustments[1])]
        } else {
            [0.0; 2]
        };
        let pair = Pair {
            upper: self.space.take_apart(upper, self.steps),
            lower: self.space.take_apart(lower, self.steps),
            achromatic,
        };
        let mut result = self.mode.blend(&pair, self.space.places());
        if self.mode == BlendMode::VividLight && self.space.places().is_none() {
            // Upstream converts twice here.
            result = self.settled(self.space.put_together(result, self.alpha, self.steps));
        }
        let mut light = self.space.put_together(result, self.alpha, self.steps);
        if self.mode.may_overflow() {
            light = self.settled(light);
        }
        if self.alpha > 0.0 {
            light = gamut::clip(light, self.alpha, self.steps);
        }
        srgb::from_linear(light)
    }
}

impl Invocation for BlendImages {
    const TYPE: &'static str = "invokeai_img_blend";
    const SCHEMA_NAME: &'static str = "InvokeImageBlendInvocation";
    const TITLE: &'static str = "Image Layer Blend";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let base = context.load_image(&self.layer_base.image_name)?;
        let size = (base.width(), base.height());
        let fit = Fit { width: self.fit_to_width, height: self.fit_to_height };
        let upper = fit::fitted(&context.load_image(&self.layer_upper.image_name)?, size, fit)?;
        let mask = match &self.mask {
            Some(mask) => Some(luma(&fit::fitted(&context.load_image(&mask.image_name)?, size, fit)?)),
            None => None,
        };
        same_size((upper.width(), upper.height()), size)?;
        if let Some(mask) = &mask {
            same_size(mask.dimensions(), size)?;
        }
        let with_opacity = |image: &DynamicImage| match image {
            DynamicImage::ImageRgba8(image) => image.clone(),
            other => DynamicImage::ImageRgb8(other.to_rgb8()).to_rgba8(),
        };
        let (top, below) = (with_opacity(&upper), with_opacity(&base));
        let is_rgb = matches!(self.color_space, BlendSpace::Rgb | BlendSpace::Linear);
        let blending = Blending {
            mode: self.blend_mode,
            space: if is_rgb && self.blend_mode.is_of_hue() { BlendSpace::Hsl } else { self.color_space },
            alpha: self.adaptive_gamut as f32,
            steps: if self.high_precision { 3 } else { 1 },
            adjustments: if self.blend_mode.is_achromatic() {
                [adjustment(&upper.to_rgb8()), adjustment(&base.to_rgb8())]
            } else {
                [0.0; 2]
            },
        };
        let opacity = self.opacity as f32;
        let result = RgbaImage::from_fn(size.0, size.1, |x, y| {
            let (upper, lower) = (top.get_pixel(x, y).0, below.get_pixel(x, y).0);
            let [red, green, blue, own] = upper;
            let blended = blending.color([red, green, blue], [lower[0], lower[1], lower[2]]);
            let masked = mask.as_ref().map_or(1.0, |mask| 1.0 - f32::from(mask.get_pixel(x, y).0[0]) / 255.0);
            let own = f32::from(own) / 255.0 * opacity * masked;
            let other = f32::from(lower[3]) / 255.0;
            let total = own + other * (1.0 - own);
            let channel = |index: usize| {
                let below = f32::from(lower[index]) / 255.0;
                byte((blended[index] * own + below * other * (1.0 - own)) / total)
            };
            Rgba([channel(0), channel(1), channel(2), byte(total)])
        });
        let result = DynamicImage::ImageRgba8(result);
        self.destination.save(context, fit::in_mode(&base, result))
    }
}
