//! How a colour of an upper layer and one of a lower layer become one, in any colour space.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::colors::{Color, remainder};

/// The ways of blending, by upstream's names. `Eal` compares by equivalent achromatic lightness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum BlendMode {
    #[default]
    Normal,
    #[serde(rename = "Lighten Only")]
    LightenOnly,
    #[serde(rename = "Darken Only")]
    DarkenOnly,
    #[serde(rename = "Lighten Only (EAL)")]
    LightenOnlyEal,
    #[serde(rename = "Darken Only (EAL)")]
    DarkenOnlyEal,
    Hue,
    Saturation,
    Color,
    Luminosity,
    #[serde(rename = "Linear Dodge (Add)")]
    LinearDodge,
    Subtract,
    Multiply,
    Divide,
    Screen,
    Overlay,
    #[serde(rename = "Linear Burn")]
    LinearBurn,
    Difference,
    #[serde(rename = "Hard Light")]
    HardLight,
    #[serde(rename = "Soft Light")]
    SoftLight,
    #[serde(rename = "Vivid Light")]
    VividLight,
    #[serde(rename = "Linear Light")]
    LinearLight,
    #[serde(rename = "Color Burn")]
    ColorBurn,
    #[serde(rename = "Color Dodge")]
    ColorDodge,
}

/// Which numbers of a colour space are what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) lightness: usize,
    pub(super) saturation: usize,
    pub(super) hue: usize,
    /// A full turn of the hue.
    pub(super) turn: f32,
}

/// A pixel of both layers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) upper: Color,
    pub(super) lower: Color,
    /// Lightness by which [`BlendMode::LightenOnlyEal`] and its opposite compare: upper, lower.
    pub(super) achromatic: [f32; 2],
}

impl BlendMode {
    /// Whether the mode needs a hue.
    pub(super) fn is_of_hue(self) -> bool {
        matches!(self, Self::Hue | Self::Saturation | Self::Color | Self::Luminosity)
    }

    /// Whether the mode compares by equivalent achromatic lightness.
    pub(super) fn is_achromatic(self) -> bool {
        matches!(self, Self::LightenOnlyEal | Self::DarkenOnlyEal)
    }

    /// Whether the result may leave the space and is brought back.
    pub(super) fn may_overflow(self) -> bool {
        use BlendMode::*;
        matches!(
            self,
            LinearDodge
                | Subtract
                | Divide
                | Overlay
                | LinearBurn
                | Difference
                | HardLight
                | SoftLight
                | VividLight
                | LinearLight
                | ColorBurn
                | ColorDodge
        )
    }

    /// The numbers of the result. `places` is absent in spaces without a lightness.
    pub(super) fn blend(self, pair: &Pair, places: Option<Places>) -> Color {
        let Pair { upper, lower, .. } = *pair;
        match self {
            Self::Normal => upper,
            Self::Multiply => each(pair, |upper, lower| upper * lower),
            Self::Screen => each(pair, |upper, lower| 1.0 - (1.0 - upper) * (1.0 - lower)),
            Self::Difference => each(pair, |upper, lower| (lower - upper).abs()),
            Self::ColorBurn => each(pair, |upper, lower| {
                let burnt = (1.0 - lower) / upper;
                1.0 - if burnt > 1.0 { 1.0 } else { burnt }
            }),
            Self::LinearDodge => turned(each(pair, |upper, lower| lower + upper), places),
            Self::Subtract => turned(each(pair, |upper, lower| lower - upper), places),
            Self::Divide => turned(each(pair, |upper, lower| lower / upper), places),
            Self::ColorDodge => turned(each(pair, |upper, lower| lower / (1.0 - upper)), places),
            Self::Overlay => lightness_or_each(pair, places, upper, |upper, lower| hard(upper, lower, lower)),
            Self::HardLight => {
                lightness_or_each(pair, places, upper, |upper, lower| hard(upper, lower, upper))
            }
            Self::SoftLight => lightness_or_each(pair, places, lower, soft),
            Self::LinearBurn => lightness_or_each(pair, places, lower, |upper, lower| lower + upper - 1.0),
            Self::LinearLight => {
                lightness_or_each(pair, places, lower, |upper, lower| lower + upper * 2.0 - 1.0)
            }
            Self::VividLight => lightness_or_each(pair, places, lower, vivid),
            Self::DarkenOnly | Self::LightenOnly => self.extreme(pair, places),
            Self::DarkenOnlyEal | Self::LightenOnlyEal => {
                let [own, other] = pair.achromatic;
                let takes_lower = if self == Self::LightenOnlyEal { own < other } else { own >= other };
                if takes_lower { lower } else { upper }
            }
            Self::Hue | Self::Saturation | Self::Color | Self::Luminosity => self.exchanged(pair, places),
        }
    }

    /// The darker or brighter of both: by lightness, or each number for itself.
    fn extreme(self, pair: &Pair, places: Option<Places>) -> Color {
        let Some(Places { lightness, .. }) = places else {
            return each(pair, if self == Self::DarkenOnly { f32::min } else { f32::max });
        };
        let (own, other) = (pair.upper[lightness], pair.lower[lightness]);
        let takes_lower = if self == Self::DarkenOnly { own >= other } else { own < other };
        if takes_lower { pair.lower } else { pair.upper }
    }

    /// The upper colour with what the mode leaves to the lower one.
    fn exchanged(self, pair: &Pair, places: Option<Places>) -> Color {
        let mut result = pair.upper;
        let Some(Places { lightness, saturation, hue, .. }) = places else { return result };
        let kept: &[usize] = match self {
            Self::Hue => &[lightness, saturation],
            Self::Saturation => &[lightness, hue],
            Self::Luminosity => &[saturation, hue],
            _ => &[lightness],
        };
        kept.iter().for_each(|index| result[*index] = pair.lower[*index]);
        result
    }
}

fn each(pair: &Pair, blend: impl Fn(f32, f32) -> f32) -> Color {
    [0, 1, 2].map(|index: usize| blend(pair.upper[index], pair.lower[index]))
}

/// Blends the lightness of `base`, or all numbers in spaces without one.
fn lightness_or_each(
    pair: &Pair,
    places: Option<Places>,
    base: Color,
    blend: impl Fn(f32, f32) -> f32,
) -> Color {
    let Some(Places { lightness, .. }) = places else { return each(pair, blend) };
    let mut result = base;
    result[lightness] = blend(pair.upper[lightness], pair.lower[lightness]);
    result
}

fn turned(mut color: Color, places: Option<Places>) -> Color {
    if let Some(Places { hue, turn, .. }) = places {
        color[hue] = remainder(color[hue], turn);
    }
    color
}

/// Multiplied where `subject` is dark, screened where it is bright.
fn hard(upper: f32, lower: f32, subject: f32) -> f32 {
    if subject < 0.5 { 2.0 * lower * upper } else { 1.0 - 2.0 * (1.0 - lower) * (1.0 - upper) }
}

/// The W3C's soft light (Compositing and Blending Level 1).
fn soft(upper: f32, lower: f32) -> f32 {
    let curve = if lower <= 0.25 { ((16.0 * lower - 12.0) * lower + 4.0) * lower } else { lower.sqrt() };
    if upper <= 0.5 {
        lower - (1.0 - lower) * lower * (1.0 - 2.0 * upper)
    } else {
        lower + (2.0 * upper - 1.0) * (curve - lower)
    }
}

fn vivid(upper: f32, lower: f32) -> f32 {
    if upper < 0.5 { (1.0 - (1.0 - lower) / upper) / 2.0 } else { lower / (1.0 - upper) / 2.0 }
}
