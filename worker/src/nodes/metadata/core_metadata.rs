//! `core_metadata`: what is recorded about a generation.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::labels;
use super::recorded_adapters::{
    ControlNetMetadataField, IPAdapterMetadataField, LoRAMetadataField, T2IAdapterMetadataField,
};
use crate::invocation::fields::ModelIdentifierField;
use crate::invocation::outputs::MetadataOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Ways to make an image.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum GenerationMode {
    Txt2img,
    Img2img,
    Inpaint,
    Outpaint,
    SdxlTxt2img,
    SdxlImg2img,
    SdxlInpaint,
    SdxlOutpaint,
    FluxTxt2img,
    FluxImg2img,
    FluxInpaint,
    FluxOutpaint,
    Flux2Txt2img,
    Flux2Img2img,
    Flux2Inpaint,
    Flux2Outpaint,
    Sd3Txt2img,
    Sd3Img2img,
    Sd3Inpaint,
    Sd3Outpaint,
    Cogview4Txt2img,
    Cogview4Img2img,
    Cogview4Inpaint,
    Cogview4Outpaint,
    ZImageTxt2img,
    ZImageImg2img,
    ZImageInpaint,
    ZImageOutpaint,
    ErnieImageTxt2img,
    Ideogram4Txt2img,
    QwenImageTxt2img,
    QwenImageImg2img,
    QwenImageInpaint,
    QwenImageOutpaint,
    AnimaTxt2img,
    AnimaImg2img,
    AnimaInpaint,
    AnimaOutpaint,
    Krea2Txt2img,
    Krea2Img2img,
    Krea2Inpaint,
    Krea2Outpaint,
    WanTxt2img,
    WanImg2img,
    WanInpaint,
    WanOutpaint,
    WanI2v,
}

/// What is recorded about a generation, with anything else that a client adds.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct CoreMetadata {
    /// How the image came about.
    generation_mode: Option<GenerationMode>,
    /// The prompt.
    positive_prompt: Option<String>,
    /// The prompt against.
    negative_prompt: Option<String>,
    /// The width.
    width: Option<i64>,
    /// The height.
    height: Option<i64>,
    /// The seed of the noise.
    seed: Option<i64>,
    /// Where the noise was made.
    rand_device: Option<String>,
    /// How strong the guidance is.
    cfg_scale: Option<f64>,
    /// How much the guidance is rescaled.
    cfg_rescale_multiplier: Option<f64>,
    /// How many steps.
    steps: Option<i64>,
    /// The scheduler.
    scheduler: Option<String>,
    /// Whether it tiles from left to right.
    seamless_x: Option<bool>,
    /// Whether it tiles from top to bottom.
    seamless_y: Option<bool>,
    /// Layers of the text encoder that were left out.
    clip_skip: Option<i64>,
    /// The main model.
    model: Option<ModelIdentifierField>,
    /// The ControlNets.
    controlnets: Option<Vec<ControlNetMetadataField>>,
    /// The IP-Adapters.
    #[serde(rename = "ipAdapters")]
    ip_adapters: Option<Vec<IPAdapterMetadataField>>,
    /// The T2I-Adapters.
    #[serde(rename = "t2iAdapters")]
    #[schemars(extend("title" = "T2Iadapters"))]
    t2i_adapters: Option<Vec<T2IAdapterMetadataField>>,
    /// The LoRAs.
    loras: Option<Vec<LoRAMetadataField>>,
    /// How much of an image is changed.
    strength: Option<f64>,
    /// The name of the image it began with.
    init_image: Option<String>,
    /// The VAE, if it is not the model's own.
    vae: Option<ModelIdentifierField>,
    /// The Qwen3 text encoder.
    qwen3_encoder: Option<ModelIdentifierField>,
    /// The Mistral text encoder.
    mistral_encoder: Option<ModelIdentifierField>,
    /// The caption that was encoded.
    ideogram4_caption: Option<String>,
    /// Whether it was made larger in a second pass.
    hrf_enabled: Option<bool>,
    /// How it was made larger.
    hrf_method: Option<String>,
    /// How much the second pass changed.
    hrf_strength: Option<f64>,
    /// The style.
    positive_style_prompt: Option<String>,
    /// The style against.
    negative_style_prompt: Option<String>,
    /// The refiner.
    refiner_model: Option<ModelIdentifierField>,
    /// The refiner's guidance.
    refiner_cfg_scale: Option<f64>,
    /// The refiner's steps.
    refiner_steps: Option<i64>,
    /// The refiner's scheduler.
    refiner_scheduler: Option<String>,
    /// The refiner's score.
    refiner_positive_aesthetic_score: Option<f64>,
    /// The refiner's score against.
    refiner_negative_aesthetic_score: Option<f64>,
    /// When the refiner begins.
    refiner_start: Option<f64>,
    /// Entries that only the client knows.
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Invocation for CoreMetadata {
    const TYPE: &'static str = "core_metadata";
    const SCHEMA_NAME: &'static str = "CoreMetadataInvocation";
    const TITLE: &'static str = "Core Metadata";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "2.2.0";
    const CLASSIFICATION: &'static str = "internal";
    type Output = MetadataOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<MetadataOutput, InvocationError> {
        let recorded =
            serde_json::to_value(&self).map_err(|error| InvocationError::Internal(error.to_string()))?;
        match labels::without_nulls(recorded) {
            Value::Object(entries) => Ok(MetadataOutput { metadata: labels::with_version(entries) }),
            _ => Ok(MetadataOutput { metadata: labels::with_version(Map::new()) }),
        }
    }
}
