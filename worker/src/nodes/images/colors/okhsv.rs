//! Okhsv: hue in degrees, saturation and value of 0…1, all of which sRGB has (Ottosson 2021, "Okhsv and Okhsl").
use super::gamut::{self, Hue};
use super::okhsl::{direction, settled, turns};
use super::{Color, greatest, oklab, remainder, srgb};

/// The slope at black.
const START: f32 = 0.5;

/// The factor by which the triangle of a hue must shrink so that its top edge follows sRGB's.
fn scale(lightness: f32, chroma: f32, hue: Hue) -> f32 {
    let most = greatest(oklab::to_linear([lightness, chroma * hue[0], chroma * hue[1]]));
    let most = if most < 0.0 { 0.0 } else { most };
    (1.0 / most).cbrt()
}

/// Hue, saturation and value of a colour.
pub(crate) fn from_srgb(color: Color, steps: u32) -> Color {
    let [lightness, a, b] = oklab::from_linear(srgb::to_linear(color));
    let chroma = (a * a + b * b).sqrt();
    let hue = [a / chroma, b / chroma];
    let [saturation_slope, top] = gamut::cusp(hue, steps).slopes();
    let flatness = 1.0 - START / saturation_slope;
    // The point of the triangle's edge with the same saturation.
    let share = top / (chroma + lightness * top);
    let (edge_lightness, edge_chroma) = (share * lightness, share * chroma);
    let toed = gamut::toe_inverse(edge_lightness);
    let scale = scale(toed, edge_chroma * toed / edge_lightness, hue);
    let value = gamut::toe(lightness / scale) / edge_lightness;
    let saturation = (START + top) * edge_chroma / (top * START + top * flatness * edge_chroma);
    settled([remainder(turns(a, b) * 360.0, 360.0), saturation, value])
}

/// The colour of hue, saturation and value; `alpha` as [`gamut::clip`] takes it.
pub(crate) fn to_srgb([hue, saturation, value]: Color, alpha: f32, steps: u32) -> Color {
    let (saturation, value) = (saturation.clamp(0.0, 1.0), value.clamp(0.0, 1.0));
    let hue = direction(hue);
    let [saturation_slope, top] = gamut::cusp(hue, steps).slopes();
    let flatness = 1.0 - START / saturation_slope;
    let base = START + top - top * flatness * saturation;
    let (edge_lightness, edge_chroma) = (1.0 - saturation * START / base, saturation * top * START / base);
    let toed = gamut::toe_inverse(edge_lightness);
    let scale = scale(toed, edge_chroma * toed / edge_lightness, hue);
    let (lightness, chroma) = (value * edge_lightness, value * edge_chroma);
    let straight = gamut::toe_inverse(lightness);
    let (chroma, lightness) = (chroma * straight / lightness * scale, straight * scale);
    let light = oklab::to_linear([lightness, chroma * hue[0], chroma * hue[1]]);
    let color = srgb::from_linear(gamut::clip(light, alpha, steps));
    color.map(|value| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
}
