//! `t2i_adapter`: a T2I adapter with its picture and how it is applied.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::control_image::ResizeMode;
use super::controlnet::{end, one, validate, weight};
use crate::invocation::fields::{ImageField, ModelIdentifierField};
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};
use crate::nodes::one_or_many::OneOrMany;

/// A T2I adapter with its picture and how it is applied.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub(crate) struct T2IAdapterField {
    /// The control picture.
    pub(super) image: ImageField,
    /// The adapter.
    pub(super) t2i_adapter_model: ModelIdentifierField,
    /// How strongly it pulls: one number, or one for each step.
    #[serde(default = "one")]
    #[schemars(schema_with = "weight")]
    pub(super) weight: OneOrMany<f64>,
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

/// Lays out a T2I adapter for denoising.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct T2IAdapterNode {
    /// The control picture.
    image: ImageField,
    /// The adapter.
    #[schemars(extend(
        "title" = "T2I-Adapter Model", "ui_order" = -1, "ui_model_base" = ["sd-1", "sdxl"], "ui_model_type" = ["t2i_adapter"]
    ))]
    t2i_adapter_model: ModelIdentifierField,
    /// How strongly it pulls: one number, or one for each step.
    #[serde(default = "one")]
    #[schemars(schema_with = "weight", extend("ge" = 0))]
    weight: OneOrMany<f64>,
    /// From which share of the steps on it applies.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    begin_step_percent: f64,
    /// Up to which share of the steps it applies.
    #[serde(default = "end")]
    #[schemars(range(min = 0, max = 1))]
    end_step_percent: f64,
    /// How a control picture of another size is fitted.
    #[serde(default)]
    resize_mode: ResizeMode,
}

/// A T2I adapter that is laid out.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct T2IAdapterOutput {
    /// The adapter.
    t2i_adapter: T2IAdapterField,
}

impl InvocationOutput for T2IAdapterOutput {
    const TYPE: &'static str = "t2i_adapter_output";
    const SCHEMA_NAME: &'static str = "T2IAdapterOutput";
}

impl Invocation for T2IAdapterNode {
    const TYPE: &'static str = "t2i_adapter";
    const SCHEMA_NAME: &'static str = "T2IAdapterInvocation";
    const TITLE: &'static str = "T2I-Adapter - SD1.5, SDXL";
    const CATEGORY: &'static str = "conditioning";
    const VERSION: &'static str = "1.0.4";
    type Output = T2IAdapterOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<T2IAdapterOutput, InvocationError> {
        validate(&self.weight, self.begin_step_percent, self.end_step_percent)?;
        Ok(T2IAdapterOutput {
            t2i_adapter: T2IAdapterField {
                image: self.image,
                t2i_adapter_model: self.t2i_adapter_model,
                weight: self.weight,
                begin_step_percent: self.begin_step_percent,
                end_step_percent: self.end_step_percent,
                resize_mode: self.resize_mode,
            },
        })
    }
}
