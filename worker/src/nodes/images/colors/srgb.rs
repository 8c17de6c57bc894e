//! sRGB (IEC 61966-2-1), with gamma and linear, and HSL of it.
use super::{Color, greatest, least, remainder};

/// Where the curve becomes a line, in linear light and after the curve.
const LINEAR_END: f32 = 0.003_130_8;
const CURVED_END: f32 = 0.040_448_237;

/// Linear light of a colour.
pub(crate) fn to_linear(color: Color) -> Color {
    color.map(|value| if value <= CURVED_END { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) })
}

/// A colour of linear light, brought into 0…1.
pub(crate) fn from_linear(light: Color) -> Color {
    light.map(|value| {
        let value = value.clamp(0.0, 1.0);
        if value <= LINEAR_END { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 }
    })
}

/// Hue in degrees, saturation, lightness.
pub(crate) fn to_hsl(color: Color) -> Color {
    let (most, few) = (greatest(color), least(color));
    let (sum, range) = (most + few, most - few);
    let lightness = sum / 2.0;
    if range == 0.0 {
        return [0.0, 0.0, lightness];
    }
    let saturation = range / if lightness < 0.5 { sum } else { 2.0 - sum };
    let [red, green, blue] = color.map(|value| (most - value) / range);
    let sixth = if color[0] == most {
        blue - green
    } else if color[1] == most {
        2.0 + red - blue
    } else {
        4.0 + green - red
    };
    [remainder(remainder(sixth / 6.0, 1.0) * 360.0, 360.0), saturation, lightness]
}

/// The colour of hue, saturation and lightness; the latter two are brought into 0…1.
pub(crate) fn from_hsl([hue, saturation, lightness]: Color) -> Color {
    let (saturation, lightness) = (saturation.clamp(0.0, 1.0), lightness.clamp(0.0, 1.0));
    let high = if lightness <= 0.5 {
        lightness * (1.0 + saturation)
    } else {
        lightness + saturation - lightness * saturation
    };
    let low = 2.0 * lightness - high;
    let hue = remainder(hue, 360.0) / 360.0;
    [1.0 / 3.0, 0.0, -1.0 / 3.0].map(|shift| {
        let place = remainder(hue + shift, 1.0);
        if place < 1.0 / 6.0 {
            low + (high - low) * place * 6.0
        } else if place < 0.5 {
            high
        } else if place < 2.0 / 3.0 {
            low + (high - low) * (2.0 / 3.0 - place) * 6.0
        } else {
            low
        }
    })
}
