//! `t2i_adapter`: a T2I adapter with its picture and how it is applied.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::control_span::ControlSpan;
use super::controlnet::{one, validate, weight, with_model};
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
    /// When it applies, and how its picture is fitted.
    #[serde(flatten)]
    pub(super) span: ControlSpan,
}

impl T2IAdapterField {
    /// As metadata records it, with the model as it is known here.
    ///
    /// # Errors
    /// The record is incomplete, or has values that the node refuses.
    pub(crate) fn from_record(record: &Value, model: ModelIdentifierField) -> Result<Self, InvocationError> {
        let field: Self = with_model(record, "t2i_adapter_model", model)?;
        validate(&field.weight, &field.span)?;
        Ok(field)
    }
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
    /// When it applies, and how its picture is fitted.
    #[serde(flatten)]
    span: ControlSpan,
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
        validate(&self.weight, &self.span)?;
        Ok(T2IAdapterOutput {
            t2i_adapter: T2IAdapterField {
                image: self.image,
                t2i_adapter_model: self.t2i_adapter_model,
                weight: self.weight,
                span: self.span,
            },
        })
    }
}
