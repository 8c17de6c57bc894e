//! Adapters and LoRAs as metadata records them.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invocation::fields::{ImageField, ModelIdentifierField};
use crate::nodes::one_or_many::OneOrMany;

/// A LoRA.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LoRAMetadataField {
    /// The LoRA.
    model: ModelIdentifierField,
    /// Its weight.
    weight: f64,
}

/// An IP-Adapter.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct IPAdapterMetadataField {
    /// The image that it takes after.
    image: ImageField,
    /// The adapter.
    ip_adapter_model: ModelIdentifierField,
    /// The model that encodes the image.
    #[schemars(extend("enum" = ["ViT-L", "ViT-H", "ViT-G"]))]
    clip_vision_model: String,
    /// What it takes from the image.
    #[schemars(extend("enum" = ["full", "style", "composition", "style_strong", "style_precise"]))]
    method: String,
    /// How strong it is, for each step or all of them.
    weight: OneOrMany<f64>,
    /// When it begins.
    begin_step_percent: f64,
    /// When it ends.
    end_step_percent: f64,
}

/// A T2I-Adapter.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct T2IAdapterMetadataField {
    /// The image that controls.
    image: ImageField,
    /// The same, processed.
    #[serde(default)]
    processed_image: Option<ImageField>,
    /// The adapter.
    t2i_adapter_model: ModelIdentifierField,
    /// How strong it is, for each step or all of them.
    #[serde(default = "one_weight")]
    weight: OneOrMany<f64>,
    /// When it begins.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    begin_step_percent: f64,
    /// When it ends.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 1))]
    end_step_percent: f64,
    /// How the image is made to fit.
    #[serde(default = "just_resize")]
    #[schemars(extend("enum" = RESIZE_MODES))]
    resize_mode: String,
}

/// A ControlNet.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ControlNetMetadataField {
    /// The image that controls.
    image: ImageField,
    /// The same, processed.
    #[serde(default)]
    processed_image: Option<ImageField>,
    /// The ControlNet.
    control_model: ModelIdentifierField,
    /// How strong it is, for each step or all of them.
    #[serde(default = "one_weight")]
    control_weight: OneOrMany<f64>,
    /// When it begins.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    begin_step_percent: f64,
    /// When it ends.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 1))]
    end_step_percent: f64,
    /// Whether prompt or image matter more.
    #[serde(default = "balanced")]
    #[schemars(extend("enum" = ["balanced", "more_prompt", "more_control", "unbalanced"]))]
    control_mode: String,
    /// How the image is made to fit.
    #[serde(default = "just_resize")]
    #[schemars(extend("enum" = RESIZE_MODES))]
    resize_mode: String,
}

const RESIZE_MODES: &[&str] = &["just_resize", "crop_resize", "fill_resize", "just_resize_simple"];

fn one() -> f64 {
    1.0
}

fn one_weight() -> OneOrMany<f64> {
    OneOrMany::One(1.0)
}

fn just_resize() -> String {
    "just_resize".into()
}

fn balanced() -> String {
    "balanced".into()
}
