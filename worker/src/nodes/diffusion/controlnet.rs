//! `controlnet`: a ControlNet with its picture and how it is applied.
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::control_span::ControlSpan;
use crate::invocation::fields::{ImageField, ModelIdentifierField};
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};
use crate::nodes::one_or_many::OneOrMany;

/// What weighs more, prompt or control picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum ControlMode {
    #[default]
    Balanced,
    MorePrompt,
    MoreControl,
    Unbalanced,
}

impl ControlMode {
    /// Whether deep layers are weighted more than shallow ones.
    pub(super) fn is_soft(self) -> bool {
        matches!(self, Self::MorePrompt | Self::MoreControl)
    }

    /// Whether only the positive prompt's half of a batch is controlled.
    pub(super) fn only_positive(self) -> bool {
        matches!(self, Self::MoreControl | Self::Unbalanced)
    }
}

/// A ControlNet with its picture and how it is applied.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
pub(crate) struct ControlField {
    /// The control picture.
    pub(super) image: ImageField,
    /// The ControlNet.
    pub(super) control_model: ModelIdentifierField,
    /// How strongly it pulls: one number, or one for each step.
    #[serde(default = "one")]
    #[schemars(schema_with = "weight")]
    pub(super) control_weight: OneOrMany<f64>,
    /// What weighs more, prompt or control picture.
    #[serde(default)]
    pub(super) control_mode: ControlMode,
    /// When it applies, and how its picture is fitted.
    #[serde(flatten)]
    pub(super) span: ControlSpan,
}

impl ControlField {
    /// As metadata records it, with the model as it is known here.
    ///
    /// # Errors
    /// The record is incomplete, or has values that the node refuses.
    pub(crate) fn from_record(record: &Value, model: ModelIdentifierField) -> Result<Self, InvocationError> {
        let field: Self = with_model(record, "control_model", model)?;
        validate(&field.control_weight, &field.span)?;
        Ok(field)
    }
}

/// A field out of a record whose entry for the model is replaced.
pub(super) fn with_model<T: DeserializeOwned>(
    record: &Value,
    name: &str,
    model: ModelIdentifierField,
) -> Result<T, InvocationError> {
    let wrong = |error: serde_json::Error| InvocationError::BadInput(error.to_string());
    let mut record = record.clone();
    if let Some(fields) = record.as_object_mut() {
        fields.insert(name.to_owned(), serde_json::to_value(model).map_err(wrong)?);
    }
    serde_json::from_value(record).map_err(wrong)
}

pub(super) fn one() -> OneOrMany<f64> {
    OneOrMany::One(1.0)
}

pub(super) fn weight(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "type": "number" }, { "type": "array", "items": { "type": "number" } }], "default": 1.0 })
}

/// Refuses weights and steps that upstream refuses.
pub(super) fn validate(weight: &OneOrMany<f64>, span: &ControlSpan) -> Result<(), InvocationError> {
    let (begin, end) = (span.begin_step_percent, span.end_step_percent);
    if weight.as_slice().iter().any(|weight| !(-1.0..=2.0).contains(weight)) {
        return Err(InvocationError::BadInput("Control weights must be within -1 to 2 range".to_owned()));
    }
    if !(0.0..=1.0).contains(&begin) || !(0.0..=1.0).contains(&end) || begin >= end {
        return Err(InvocationError::BadInput(
            "Begin step percent must be less than end step percent".to_owned(),
        ));
    }
    Ok(())
}

/// Lays out a ControlNet for denoising.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ControlNetNode {
    /// The control picture.
    image: ImageField,
    /// The ControlNet.
    #[schemars(extend("ui_model_base" = ["sd-1", "sd-2", "sdxl"], "ui_model_type" = ["controlnet"]))]
    control_model: ModelIdentifierField,
    /// How strongly it pulls: one number, or one for each step.
    #[serde(default = "one")]
    #[schemars(schema_with = "weight", extend("ge" = -1, "le" = 2))]
    control_weight: OneOrMany<f64>,
    /// What weighs more, prompt or control picture.
    #[serde(default)]
    control_mode: ControlMode,
    /// When it applies, and how its picture is fitted.
    #[serde(flatten)]
    span: ControlSpan,
}

/// A ControlNet that is laid out.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ControlOutput {
    /// The ControlNet.
    control: ControlField,
}

impl InvocationOutput for ControlOutput {
    const TYPE: &'static str = "control_output";
    const SCHEMA_NAME: &'static str = "ControlOutput";
}

impl Invocation for ControlNetNode {
    const TYPE: &'static str = "controlnet";
    const SCHEMA_NAME: &'static str = "ControlNetInvocation";
    const TITLE: &'static str = "ControlNet - SD1.5, SD2, SDXL";
    const CATEGORY: &'static str = "conditioning";
    const VERSION: &'static str = "1.1.3";
    type Output = ControlOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<ControlOutput, InvocationError> {
        validate(&self.control_weight, &self.span)?;
        Ok(ControlOutput {
            control: ControlField {
                image: self.image,
                control_model: self.control_model,
                control_weight: self.control_weight,
                control_mode: self.control_mode,
                span: self.span,
            },
        })
    }
}
