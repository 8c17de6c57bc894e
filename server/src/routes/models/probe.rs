//! What a folder or file of weights is: read from its configuration and tensor shapes, never by unpickling.
use super::{probe_file, safetensors_header::Header};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Why a model was not recognized.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It is none of the kinds we run.
    #[error("{0}")]
    Unrecognized(String),
    /// It could not be read.
    #[error("the model could not be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A configuration or header is not JSON.
    #[error("the model's configuration is not JSON: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// Base model families, by upstream's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Sd1,
    Sd2,
    Sdxl,
    SdxlRefiner,
}

impl Base {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sd1 => "sd-1",
            Self::Sd2 => "sd-2",
            Self::Sdxl => "sdxl",
            Self::SdxlRefiner => "sdxl-refiner",
        }
    }

    /// By the width of the text that the model's attention reads.
    pub(super) fn of_context(width: u64) -> Option<Self> {
        match width {
            768 => Some(Self::Sd1),
            1024 => Some(Self::Sd2),
            1280 => Some(Self::SdxlRefiner),
            2048 => Some(Self::Sdxl),
            _ => None,
        }
    }

    fn size(self) -> u32 {
        match self {
            Self::Sd1 => 512,
            Self::Sd2 => 768,
            Self::Sdxl | Self::SdxlRefiner => 1024,
        }
    }
}

/// The configuration of the model at `path`, without `key`, `hash` and the other fields of a record.
pub(super) fn probe(path: &Path) -> Result<Map<String, Value>, ProbeError> {
    if path.is_dir() {
        return probe_folder(path);
    }
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("safetensors") => probe_file::probe(&Header::read(path)?, name),
        _ => Err(ProbeError::Unrecognized(
            "Unable to determine model type: only safetensors files and diffusers folders are supported"
                .to_owned(),
        )),
    }
}

fn read_json(path: &Path) -> Result<Value, ProbeError> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

fn probe_folder(path: &Path) -> Result<Map<String, Value>, ProbeError> {
    if path.join("model_index.json").is_file() {
        return probe_pipeline(path);
    }
    let config = ["config.json", "adapter_config.json"]
        .iter()
        .map(|name| path.join(name))
        .find(|file| file.is_file())
        .ok_or_else(|| {
            ProbeError::Unrecognized("Unable to determine model type: no configuration file".to_owned())
        })?;
    let config = read_json(&config)?;
    let class = config.get("_class_name").and_then(Value::as_str).unwrap_or_default();
    let fields = match class {
        "ControlNetModel" => {
            let base = context_base(&config)?;
            json!({"format": "diffusers", "repo_variant": repo_variant(path), "type": "controlnet",
                "default_settings": control_settings(), "base": base.name()})
        }
        "T2IAdapter" => {
            let base = match config.get("adapter_type").and_then(Value::as_str) {
                Some("full_adapter" | "light_adapter") => Base::Sd1,
                Some("full_adapter_xl") => Base::Sdxl,
                other => return Err(ProbeError::Unrecognized(format!("unsupported T2I adapter {other:?}"))),
            };
            json!({"format": "diffusers", "repo_variant": repo_variant(path), "type": "t2i_adapter",
                "default_settings": control_settings(), "base": base.name()})
        }
        "AutoencoderKL" | "AutoencoderTiny" => {
            let scaling = config.get("scaling_factor").and_then(Value::as_f64).unwrap_or_default();
            let latents = config.get("latent_channels").and_then(Value::as_u64).unwrap_or(4);
            if latents != 4 {
                return Err(ProbeError::Unrecognized(format!(
                    "unsupported autoencoder with {latents} channels"
                )));
            }
            let base = if (scaling - 0.13025).abs() < 1e-6 { Base::Sdxl } else { Base::Sd1 };
            json!({"format": "diffusers", "repo_variant": repo_variant(path), "type": "vae", "cpu_only": null,
                "base": base.name()})
        }
        other => {
            return Err(ProbeError::Unrecognized(format!(
                "Unable to determine model type of class {other:?}"
            )));
        }
    };
    Ok(into_map(fields))
}

fn probe_pipeline(path: &Path) -> Result<Map<String, Value>, ProbeError> {
    let unet = read_json(&path.join("unet/config.json"))?;
    let base = context_base(&unet)?;
    let scheduler = read_json(&path.join("scheduler/scheduler_config.json")).unwrap_or_default();
    let prediction = scheduler.get("prediction_type").and_then(Value::as_str).unwrap_or("epsilon");
    let variant = variant(unet.get("in_channels").and_then(Value::as_u64).unwrap_or(4));
    Ok(into_map(json!({
        "type": "main", "trigger_phrases": null, "default_settings": main_settings(base), "format": "diffusers",
        "repo_variant": repo_variant(path), "prediction_type": prediction, "variant": variant, "base": base.name(),
    })))
}

fn context_base(config: &Value) -> Result<Base, ProbeError> {
    let width = config.get("cross_attention_dim").and_then(Value::as_u64).unwrap_or_default();
    Base::of_context(width)
        .ok_or_else(|| ProbeError::Unrecognized(format!("unsupported cross_attention_dim {width}")))
}

/// What the model paints on, by the channels of its input.
pub(super) fn variant(in_channels: u64) -> &'static str {
    match in_channels {
        9 => "inpaint",
        5 => "depth",
        _ => "normal",
    }
}

/// `fp16` if the folder's weights are in half-precision files, else empty.
fn repo_variant(path: &Path) -> &'static str {
    fn has_half(path: &Path, depth: u8) -> bool {
        std::fs::read_dir(path).into_iter().flatten().flatten().any(|entry| {
            let file = entry.path();
            if file.is_dir() {
                return depth > 0 && has_half(&file, depth - 1);
            }
            file.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.contains(".fp16."))
        })
    }
    if has_half(path, 1) { "fp16" } else { "" }
}

/// Default settings of a main model: only the size is known.
pub(super) fn main_settings(base: Base) -> Value {
    json!({"vae": null, "vae_precision": null, "scheduler": null, "steps": null, "cfg_scale": null,
        "cfg_rescale_multiplier": null, "width": base.size(), "height": base.size(), "guidance": null,
        "cpu_only": null, "fp8_storage": null})
}

/// Default settings of a control model.
pub(super) fn control_settings() -> Value {
    json!({"preprocessor": null, "fp8_storage": null})
}

/// The fields of a JSON object.
pub(super) fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
