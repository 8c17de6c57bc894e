//! When a control applies and how its picture is fitted: the inputs that ControlNets and adapters share.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::control_image::ResizeMode;

/// A part of the steps, and how a picture is fitted. Flattened into the nodes and fields of controls.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
pub(crate) struct ControlSpan {
    /// From which share of the steps on it applies.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub(super) begin_step_percent: f64,
    /// Up to which share of the steps it applies.
    #[serde(default = "end")]
    #[schemars(range(min = 0, max = 1))]
    pub(super) end_step_percent: f64,
    /// How a control picture of another size is fitted.
    #[serde(default)]
    pub(super) resize_mode: ResizeMode,
}

fn end() -> f64 {
    1.0
}
