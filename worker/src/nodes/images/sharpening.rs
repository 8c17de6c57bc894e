//! What the sharpening nodes ask for.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use crate::invocation::fields::ImageField;

/// What to sharpen, and how much. Unsharp masking adds what a blur takes away.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Sharpening {
    #[serde(flatten)]
    pub(super) destination: Destination,
    /// The image.
    pub(super) image: ImageField,
    /// How far the blur reaches, in pixels.
    #[serde(default = "two")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub(super) radius: f64,
    /// How much is added, in percent.
    #[serde(default = "fifty")]
    #[schemars(range(min = 0))]
    pub(super) strength: f64,
}

fn two() -> f64 {
    2.0
}

fn fifty() -> f64 {
    50.0
}
