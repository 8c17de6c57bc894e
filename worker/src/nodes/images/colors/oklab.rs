//! Oklab (Ottosson 2020, "A perceptual color space for image processing") and its polar form.
use super::{Color, remainder};

/// From linear sRGB to the responses of cones.
const TO_CONES: [Color; 3] = [
    [0.412_221_47, 0.536_332_54, 0.051_445_993],
    [0.211_903_5, 0.680_699_5, 0.107_396_96],
    [0.088_302_46, 0.281_718_84, 0.629_978_7],
];
/// From cube roots of cones to Oklab.
const FROM_ROOTS: [Color; 3] = [
    [0.210_454_26, 0.793_617_8, -0.004_072_047],
    [1.977_998_5, -2.428_592_2, 0.450_593_7],
    [0.025_904_037, 0.782_771_77, -0.808_675_77],
];
/// How the cube roots of cones change with a and b.
pub(super) const ROOTS: [[f32; 2]; 3] =
    [[0.396_337_78, 0.215_803_76], [-0.105_561_346, -0.063_854_17], [-0.089_484_18, -1.291_485_5]];
/// From cones to linear sRGB.
pub(super) const FROM_CONES: [Color; 3] = [
    [4.076_741_7, -3.307_711_6, 0.230_969_94],
    [-1.268_438, 2.609_757_4, -0.341_319_4],
    [-0.004_196_086_3, -0.703_418_6, 1.707_614_7],
];

/// Matrix times vector.
pub(super) fn product(matrix: &[Color; 3], vector: Color) -> Color {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

/// Lightness, a and b of linear sRGB.
pub(crate) fn from_linear(light: Color) -> Color {
    product(&FROM_ROOTS, product(&TO_CONES, light).map(f32::cbrt))
}

/// Linear sRGB, which may lie outside of 0…1.
pub(crate) fn to_linear([lightness, a, b]: Color) -> Color {
    product(&FROM_CONES, ROOTS.map(|[of_a, of_b]| (lightness + of_a * a + of_b * b).powi(3)))
}

/// Lightness, chroma, and hue in degrees.
pub(crate) fn to_polar([lightness, a, b]: Color) -> Color {
    [lightness, (a * a + b * b).sqrt(), remainder(b.atan2(a).to_degrees(), 360.0)]
}

/// The colour of lightness, chroma, and hue in degrees.
pub(crate) fn from_polar([lightness, chroma, hue]: Color) -> Color {
    let hue = hue.to_radians();
    [lightness, chroma * hue.cos(), chroma * hue.sin()]
}
