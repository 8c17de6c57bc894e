//! The field types that nodes share, as the wire contract has them.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An image by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageField {
    /// The image's name.
    pub image_name: String,
}

/// A board by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardField {
    /// The board's id.
    pub board_id: String,
}

/// A tensor of the session by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TensorField {
    /// The tensor's name.
    pub tensor_name: String,
}

/// Latents of the session by their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LatentsField {
    /// The latents' name.
    pub latents_name: String,
    /// The seed that made them, if one did.
    #[serde(default)]
    pub seed: Option<i64>,
}

/// Conditioning of the session by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConditioningField {
    /// The conditioning's name.
    pub conditioning_name: String,
    /// Where in the picture it applies.
    #[serde(default)]
    pub mask: Option<TensorField>,
}

/// Where latents change and where they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DenoiseMaskField {
    /// The mask tensor's name.
    pub mask_name: String,
    /// The masked image's latents, for inpainting models.
    #[serde(default)]
    pub masked_latents_name: Option<String>,
    /// Whether the mask's values are thresholds over the steps.
    #[serde(default)]
    pub gradient: bool,
}

/// A colour, 0 to 255 a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColorField {
    /// Red.
    #[schemars(range(min = 0, max = 255))]
    pub r: i64,
    /// Green.
    #[schemars(range(min = 0, max = 255))]
    pub g: i64,
    /// Blue.
    #[schemars(range(min = 0, max = 255))]
    pub b: i64,
    /// Opacity.
    #[schemars(range(min = 0, max = 255))]
    pub a: i64,
}

impl Default for ColorField {
    /// Black.
    fn default() -> Self {
        Self { r: 0, g: 0, b: 0, a: 255 }
    }
}

/// A model of the registry, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelIdentifierField {
    /// The model's key.
    pub key: String,
    /// The model's hash.
    pub hash: String,
    /// The model's name.
    pub name: String,
    /// The model's base, e.g. `sd-1`.
    pub base: String,
    /// The model's type, e.g. `main`.
    #[serde(rename = "type")]
    pub model_type: String,
    /// The part, e.g. `unet`.
    #[serde(default)]
    pub submodel_type: Option<String>,
}

/// A LoRA and its weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoRAField {
    /// The LoRA.
    pub lora: ModelIdentifierField,
    /// The factor of the patch.
    pub weight: f64,
}

/// FreeU's factors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FreeUConfig {
    /// Skip factor of stage 1.
    #[schemars(range(min = -1, max = 3))]
    pub s1: f64,
    /// Skip factor of stage 2.
    #[schemars(range(min = -1, max = 3))]
    pub s2: f64,
    /// Backbone factor of stage 1.
    #[schemars(range(min = -1, max = 3))]
    pub b1: f64,
    /// Backbone factor of stage 2.
    #[schemars(range(min = -1, max = 3))]
    pub b2: f64,
}

/// A UNet with its scheduler's settings and its LoRAs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UNetField {
    /// The UNet.
    pub unet: ModelIdentifierField,
    /// The scheduler's settings.
    pub scheduler: ModelIdentifierField,
    /// The LoRAs to merge.
    pub loras: Vec<LoRAField>,
    /// `x`, `y`: axes that wrap around.
    #[serde(default)]
    pub seamless_axes: Vec<String>,
    /// FreeU.
    #[serde(default)]
    pub freeu_config: Option<FreeUConfig>,
}

/// A text encoder with its tokenizer and its LoRAs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CLIPField {
    /// The tokenizer.
    pub tokenizer: ModelIdentifierField,
    /// The text encoder.
    pub text_encoder: ModelIdentifierField,
    /// Layers to leave out, from the end.
    pub skipped_layers: i64,
    /// The LoRAs to merge.
    pub loras: Vec<LoRAField>,
}

/// A VAE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VAEField {
    /// The VAE.
    pub vae: ModelIdentifierField,
    /// `x`, `y`: axes that wrap around.
    #[serde(default)]
    pub seamless_axes: Vec<String>,
}

/// Metadata of an image: any JSON object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct MetadataField(pub Map<String, Value>);

/// One entry of metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetadataItemField {
    /// The entry's name.
    pub label: String,
    /// The entry's value.
    pub value: Value,
}

/// A rectangle of pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BoundingBoxField {
    /// The left edge.
    pub x_min: i64,
    /// The right edge, which is outside.
    pub x_max: i64,
    /// The upper edge.
    pub y_min: i64,
    /// The lower edge, which is outside.
    pub y_max: i64,
    /// How sure the detector is, if one found it.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub score: Option<f64>,
}
