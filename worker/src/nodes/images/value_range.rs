//! A range of values: the inputs that both lerp nodes share.
use schemars::JsonSchema;
use serde::Deserialize;

/// A range of values of 8 bits. Flattened into the nodes.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub(crate) struct ValueRange {
    /// The lower end.
    #[serde(default)]
    #[schemars(range(min = 0, max = 255))]
    min: u8,
    /// The upper end.
    #[serde(default = "full")]
    #[schemars(range(min = 0, max = 255))]
    max: u8,
}

fn full() -> u8 {
    255
}

impl ValueRange {
    /// From the whole range into this one, cut off and not rounded.
    pub(super) fn narrowed(self, value: u8) -> u8 {
        let (min, max) = (f32::from(self.min), f32::from(self.max));
        (f32::from(value) / 255.0 * (max - min) + min) as u8
    }

    /// From this range to the whole one; what is beyond becomes an end.
    pub(super) fn spread(self, value: u8) -> u8 {
        let (min, max) = (f32::from(self.min), f32::from(self.max));
        (((f32::from(value) - min).max(0.0) / (max - min)).min(1.0) * 255.0) as u8
    }
}
