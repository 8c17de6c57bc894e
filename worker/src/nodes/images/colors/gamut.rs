//! Where sRGB ends in Oklab, and colours beyond it brought back (Ottosson 2021, "sRGB gamut clipping" and "Okhsv and
//! Okhsl"). `steps` are Halley's steps; one is nearly exact.
use super::oklab::{self, FROM_CONES, ROOTS};
use super::{Color, greatest, least};

/// Colours of less chroma have no hue.
const GREY: f32 = 0.000_01;

/// A hue as the direction of a and b, of length 1.
pub(crate) type Hue = [f32; 2];

/// The most colourful point of a hue inside sRGB: lightness and chroma.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cusp {
    pub(super) lightness: f32,
    pub(super) chroma: f32,
}

impl Cusp {
    /// The greatest saturation (chroma by lightness), and the greatest chroma by what lightness lacks to 1.
    pub(super) fn slopes(self) -> [f32; 2] {
        [self.chroma / self.lightness, self.chroma / (1.0 - self.lightness)]
    }
}

/// A polynomial that is near the greatest saturation, for the channel that is the first to become negative.
fn first_guess([a, b]: Hue) -> (f32, &'static Color) {
    const RED: [f32; 5] = [1.190_862_8, 1.765_767_3, 0.596_626_4, 0.755_152, 0.567_712_4];
    const GREEN: [f32; 5] = [0.739_565_2, -0.459_544_94, 0.082_854_27, 0.125_410_7, 0.145_032_04];
    const BLUE: [f32; 5] = [1.357_336_5, -0.009_157_99, -1.151_302_1, -0.505_596_06, 0.006_921_67];
    let (factors, channel) = if -1.881_703_3 * a - 0.809_364_9 * b > 1.0 {
        (RED, 0)
    } else if 1.814_441 * a - 1.194_452_8 * b > 1.0 {
        (GREEN, 1)
    } else {
        (BLUE, 2)
    };
    let terms = [1.0, a, b, a * a, a * b];
    (factors.iter().zip(terms).map(|(factor, term)| factor * term).sum(), &FROM_CONES[channel])
}

fn dot(left: &Color, right: Color) -> f32 {
    left[0] * right[0] + left[1] * right[1] + left[2] * right[2]
}

/// The greatest saturation of a hue inside sRGB.
fn greatest_saturation(hue: Hue, steps: u32) -> f32 {
    let (mut saturation, weights) = first_guess(hue);
    let slopes = ROOTS.map(|[of_a, of_b]| of_a * hue[0] + of_b * hue[1]);
    for _ in 0..steps {
        let roots = slopes.map(|slope| 1.0 + slope * saturation);
        let value = dot(weights, roots.map(|root| root.powi(3)));
        let first = dot(weights, [0, 1, 2].map(|cone: usize| 3.0 * slopes[cone] * roots[cone].powi(2)));
        let second = dot(weights, [0, 1, 2].map(|cone: usize| 6.0 * slopes[cone].powi(2) * roots[cone]));
        saturation -= value * first / (first * first - 0.5 * value * second);
    }
    saturation
}

/// The most colourful point of a hue.
pub(crate) fn cusp(hue: Hue, steps: u32) -> Cusp {
    let saturation = greatest_saturation(hue, steps);
    let light = oklab::to_linear([1.0, saturation * hue[0], saturation * hue[1]]);
    let lightness = (1.0 / greatest(light)).cbrt();
    Cusp { lightness, chroma: lightness * saturation }
}

/// How far along the line from (`start`, 0) to (`lightness`, `chroma`) sRGB ends, as a share of it.
pub(crate) fn intersection(hue: Hue, lightness: f32, chroma: f32, start: f32, cusp: Cusp, steps: u32) -> f32 {
    let is_below = (lightness - start) * cusp.chroma - (cusp.lightness - start) * chroma <= 0.0;
    if is_below {
        return cusp.chroma * start / (chroma * cusp.lightness + cusp.chroma * (start - lightness));
    }
    let mut share =
        cusp.chroma * (start - 1.0) / (chroma * (cusp.lightness - 1.0) + cusp.chroma * (start - lightness));
    // The upper edge of the triangle is curved.
    let slopes = ROOTS.map(|[of_a, of_b]| of_a * hue[0] + of_b * hue[1]);
    let speeds = slopes.map(|slope| lightness - start + slope * chroma);
    for _ in 0..steps {
        let (at, colorful) = (start * (1.0 - share) + share * lightness, share * chroma);
        let roots = slopes.map(|slope| at + slope * colorful);
        let channel = |weights: &Color| {
            let value = dot(weights, roots.map(|root| root.powi(3))) - 1.0;
            let first = dot(weights, [0, 1, 2].map(|cone: usize| 3.0 * roots[cone].powi(2) * speeds[cone]));
            let second = dot(weights, [0, 1, 2].map(|cone: usize| 6.0 * speeds[cone].powi(2) * roots[cone]));
            let step = first / (first * first - 0.5 * value * second);
            if step < 0.0 { f32::MAX } else { -value * step }
        };
        share += least([channel(&FROM_CONES[0]), channel(&FROM_CONES[1]), channel(&FROM_CONES[2])]);
    }
    share
}

/// Linear sRGB brought into 0…1 towards a grey whose lightness adapts: the greater `alpha`, the more chroma is kept
/// and the more lightness given up.
pub(crate) fn clip(light: Color, alpha: f32, steps: u32) -> Color {
    if !(greatest(light) > 1.0 || least(light) < 0.0) {
        return light;
    }
    let [lightness, a, b] = oklab::from_linear(light);
    let chroma = (a * a + b * b).sqrt();
    let chroma = if chroma < GREY { GREY } else { chroma };
    let hue = [a / chroma, b / chroma];
    let distance = lightness - 0.5;
    let reach = 0.5 + distance.abs() + alpha * chroma;
    let sign = if distance == 0.0 { 0.0 } else { distance.signum() };
    let start = 0.5 * (1.0 + sign * (reach - (reach * reach - 2.0 * distance.abs()).sqrt()));
    let share = intersection(hue, lightness, chroma, start, cusp(hue, steps), steps);
    let (lightness, chroma) = (start * (1.0 - share) + share * lightness, share * chroma);
    oklab::to_linear([lightness, chroma * hue[0], chroma * hue[1]])
}

/// Lightness in which white and black are as far apart as in CIELAB.
pub(super) fn toe(lightness: f32) -> f32 {
    let straight = TOE_3 * lightness - TOE_1;
    0.5 * (straight + (straight * straight + 4.0 * TOE_2 * TOE_3 * lightness).sqrt())
}

/// The opposite of [`toe`].
pub(super) fn toe_inverse(lightness: f32) -> f32 {
    (lightness * lightness + TOE_1 * lightness) / (TOE_3 * (lightness + TOE_2))
}

const TOE_1: f32 = 0.206;
const TOE_2: f32 = 0.03;
const TOE_3: f32 = (1.0 + TOE_1) / (1.0 + TOE_2);
