//! What `denoise_latents` was asked, as metadata records it.
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::denoise_latents::DenoiseLatents;
use crate::invocation::InvocationError;
use crate::nodes::one_or_many::OneOrMany;

/// A number of single precision as people write it: 7.1, not 7.0999999.
fn decimal(value: f32) -> Value {
    value.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}

/// Without fields that are empty, at any depth.
fn filled(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            fields.map(|(name, value)| (name, filled(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(values) => values.into_iter().map(filled).collect(),
        other => other,
    }
}

fn recorded<T: Serialize>(values: &[T]) -> Result<Value, InvocationError> {
    let values =
        serde_json::to_value(values).map_err(|error| InvocationError::Internal(error.to_string()))?;
    Ok(filled(values))
}

impl DenoiseLatents {
    /// The entries of metadata.
    ///
    /// # Errors
    /// None in practice: all values are plain.
    pub(super) fn described(&self) -> Result<Map<String, Value>, InvocationError> {
        let cfg_scale = match &self.cfg_scale {
            OneOrMany::One(scale) => decimal(*scale),
            OneOrMany::Many(scales) => scales.iter().copied().map(decimal).collect(),
        };
        let described = json!({
            "steps": self.steps,
            "cfg_scale": cfg_scale,
            "cfg_rescale_multiplier": decimal(self.cfg_rescale_multiplier),
            "denoising_start": self.denoising_start,
            "denoising_end": self.denoising_end,
            "scheduler": self.scheduler.as_str(),
            "model": self.unet.unet,
            // Upstream's defaults: other values are refused.
            "hidiffusion": false,
            "hidiffusion_raunet": true,
            "hidiffusion_window_attn": true,
            "hidiffusion_t1_ratio": 0.4,
            "hidiffusion_t2_ratio": 0.0,
        });
        let Value::Object(mut described) = described else { return Ok(Map::new()) };
        let controls = self.control.as_ref().map_or(&[][..], OneOrMany::as_slice);
        if !controls.is_empty() {
            described.insert("controlnets".into(), recorded(controls)?);
        }
        let adapters = self.t2i_adapter.as_ref().map_or(&[][..], OneOrMany::as_slice);
        if !adapters.is_empty() {
            described.insert("t2iAdapters".into(), recorded(adapters)?);
        }
        if !self.unet.loras.is_empty() {
            let loras =
                self.unet.loras.iter().map(|lora| json!({ "model": lora.lora, "weight": lora.weight }));
            described.insert("loras".into(), filled(loras.collect()));
        }
        if let Some(noise) = &self.noise {
            described.insert("seed".into(), noise.seed.into());
        }
        Ok(described)
    }
}
