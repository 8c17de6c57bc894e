//! Okhsl: hue in degrees, saturation and lightness of 0…1, all of which sRGB has (Ottosson 2021, "Okhsv and Okhsl").
use super::gamut::{self, Hue};
use super::{Color, oklab, remainder, srgb};

/// The saturation that has the chroma of the middle curve.
const MIDDLE: f32 = 0.8;

/// Chroma near grey, in the middle, and the greatest.
struct Chromas {
    zero: f32,
    middle: f32,
    greatest: f32,
}

/// Smooth slopes of the middle curve, below and above.
fn middle_slopes([a, b]: Hue) -> [f32; 2] {
    let below = 7.447_789_7
        + 4.159_012_4 * b
        + a * (-2.195_573_5
            + 1.751_984 * b
            + a * (-2.137_049_4 - 10.023_01 * b + a * (-4.248_945_7 + 5.387_708 * b + 4.698_91 * a)));
    let above = 1.613_203_2 - 0.681_243_8 * b
        + a * (0.403_706_13
            + 0.901_481_2 * b
            + a * (-0.270_879_43
                + 0.612_239_9 * b
                + a * (0.002_992_15 - 0.453_995_68 * b - 0.146_618_72 * a)));
    [0.115_169_93 + 1.0 / below, 0.112_396_42 + 1.0 / above]
}

fn chromas(lightness: f32, hue: Hue, steps: u32) -> Chromas {
    let cusp = gamut::cusp(hue, steps);
    let greatest = gamut::intersection(hue, lightness, 1.0, lightness, cusp, steps);
    let [below, above] = cusp.slopes();
    let (up, down) = (lightness * below, (1.0 - lightness) * above);
    let scale = greatest / if up.is_nan() || up < down { up } else { down };
    let [below, above] = middle_slopes(hue);
    let (up, down) = (lightness * below, (1.0 - lightness) * above);
    let middle = 0.9 * scale * (1.0 / (1.0 / up.powi(4) + 1.0 / down.powi(4))).sqrt().sqrt();
    let (up, down) = (lightness * 0.4, (1.0 - lightness) * 0.8);
    let zero = (1.0 / (1.0 / (up * up) + 1.0 / (down * down))).sqrt();
    Chromas { zero, middle, greatest }
}

/// A hue of 0…1, with 0 where atan2 has it.
pub(super) fn turns(a: f32, b: f32) -> f32 {
    0.5 + 0.5 * (-b).atan2(-a) / std::f32::consts::PI
}

/// The direction of a hue in degrees.
pub(super) fn direction(hue: f32) -> Hue {
    let angle = remainder(hue, 360.0) / 360.0 * 2.0 * std::f32::consts::PI;
    [angle.cos(), angle.sin()]
}

/// Brings saturation and lightness into 0…1; what is not a number becomes 0.
pub(super) fn settled(color: Color) -> Color {
    let [hue, second, third] = color.map(|value| if value.is_nan() { 0.0 } else { value });
    [hue, second.clamp(0.0, 1.0), third.clamp(0.0, 1.0)]
}

/// Hue, saturation and lightness of a colour.
pub(crate) fn from_srgb(color: Color, steps: u32) -> Color {
    let [lightness, a, b] = oklab::from_linear(srgb::to_linear(color));
    let chroma = (a * a + b * b).sqrt();
    let Chromas { zero, middle, greatest } = chromas(lightness, [a / chroma, b / chroma], steps);
    let saturation = if chroma < middle {
        let first = MIDDLE * zero;
        let second = 1.0 - first / middle;
        chroma / (first + second * chroma) * MIDDLE
    } else {
        let first = (1.0 - MIDDLE) * middle * middle / (MIDDLE * MIDDLE) / zero;
        let second = 1.0 - first / (greatest - middle);
        MIDDLE + (1.0 - MIDDLE) * (chroma - middle) / (first + second * (chroma - middle))
    };
    settled([remainder(turns(a, b) * 360.0, 360.0), saturation, gamut::toe(lightness)])
}

/// The colour of hue, saturation and lightness; `alpha` as [`gamut::clip`] takes it.
pub(crate) fn to_srgb([hue, saturation, lightness]: Color, alpha: f32, steps: u32) -> Color {
    let (saturation, lightness) = (saturation.clamp(0.0, 1.0), lightness.clamp(0.0, 1.0));
    if lightness == 0.0 || lightness == 1.0 {
        return [lightness; 3];
    }
    let hue = direction(hue);
    let lightness = gamut::toe_inverse(lightness);
    let Chromas { zero, middle, greatest } = chromas(lightness, hue, steps);
    let chroma = if saturation < MIDDLE {
        let share = saturation / MIDDLE;
        let first = MIDDLE * zero;
        share * first / (1.0 - (1.0 - first / middle) * share)
    } else {
        let share = (saturation - MIDDLE) / (1.0 - MIDDLE);
        let first = (1.0 - MIDDLE) * middle * middle / (MIDDLE * MIDDLE) / zero;
        middle + share * first / (1.0 - (1.0 - first / (greatest - middle)) * share)
    };
    let light = oklab::to_linear([lightness, chroma * hue[0], chroma * hue[1]]);
    let color = srgb::from_linear(gamut::clip(light, alpha, steps));
    color.map(|value| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
}
