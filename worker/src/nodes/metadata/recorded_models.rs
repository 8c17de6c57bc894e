//! Models as metadata records them, and as they are known here.
use serde_json::Value;

use crate::invocation::fields::{
    CLIPField, LoRAField, MetadataField, ModelIdentifierField, UNetField, VAEField,
};
use crate::invocation::{InvocationContext, InvocationError};

/// The key of the model that an entry names: by key if that is known here, else by its name, else `None`.
pub(super) fn key(
    context: &InvocationContext,
    entry: Option<&Value>,
    model_type: &str,
) -> Result<Option<String>, InvocationError> {
    let text = |name: &str| entry.and_then(|entry| entry.get(name)).and_then(Value::as_str);
    if let Some(key) = text("key")
        && context.surroundings.model(key)?.is_some()
    {
        return Ok(Some(key.to_owned()));
    }
    for name in [text("name"), text("model_name")].into_iter().flatten() {
        if let Some(config) = context.surroundings.model_named(name, model_type)? {
            return Ok(config["key"].as_str().map(str::to_owned));
        }
    }
    Ok(None)
}

/// The model with this key as nodes pass it on.
pub(super) fn identifier(
    context: &InvocationContext,
    key: &str,
) -> Result<ModelIdentifierField, InvocationError> {
    let config = context
        .surroundings
        .model(key)?
        .ok_or_else(|| InvocationError::NotFound(format!("Unknown model: {key}")))?;
    let text = |name: &str| config[name].as_str().unwrap_or_default().to_owned();
    Ok(ModelIdentifierField {
        key: text("key"),
        hash: text("hash"),
        name: text("name"),
        base: text("base"),
        model_type: text("type"),
        submodel_type: None,
    })
}

/// The records of a list of metadata, each with its model as it is known here.
///
/// # Errors
/// A model is not known here.
pub(super) fn records(
    metadata: Option<&MetadataField>,
    list: &str,
    model: &str,
    model_type: &str,
    context: &InvocationContext,
) -> Result<Vec<(Value, ModelIdentifierField)>, InvocationError> {
    let recorded = metadata.and_then(|metadata| metadata.0.get(list)).and_then(Value::as_array);
    let with_model = |record: &Value| {
        let key = key(context, record.get(model), model_type)?.unwrap_or_default();
        Ok((record.clone(), identifier(context, &key)?))
    };
    recorded.into_iter().flatten().map(with_model).collect()
}

/// The LoRAs of an entry that are known here, with their weights.
pub(super) fn loras(
    context: &InvocationContext,
    metadata: Option<&MetadataField>,
    name: &str,
) -> Result<Vec<LoRAField>, InvocationError> {
    let recorded = metadata.and_then(|metadata| metadata.0.get(name)).and_then(Value::as_array);
    let mut loras = Vec::new();
    for entry in recorded.into_iter().flatten() {
        let found = match key(context, entry.get("model"), "lora")? {
            Some(key) => Some(key),
            None => key(context, entry.get("lora"), "lora")?,
        };
        let Some(key) = found else { continue };
        let weight = entry.get("weight").map(super::conversions::number);
        let weight = weight
            .unwrap_or_else(|| Err(InvocationError::BadInput(format!("The LoRA {key} has no weight"))))?;
        loras.push(LoRAField { lora: identifier(context, &key)?, weight });
    }
    Ok(loras)
}

/// Adds a LoRA to a model that does not have it.
pub(super) fn apply(lora: &LoRAField, loras: Option<&mut Vec<LoRAField>>) {
    if let Some(loras) = loras
        && loras.iter().all(|other| other.lora.key != lora.lora.key)
    {
        loras.push(lora.clone());
    }
}

/// The model's base and name.
pub(super) fn display_name(model: &ModelIdentifierField) -> String {
    format!("{}: {}", model.base, model.name)
}

/// The model's UNet.
pub(super) fn unet(model: &ModelIdentifierField) -> UNetField {
    UNetField {
        unet: part(model, "unet"),
        scheduler: part(model, "scheduler"),
        loras: Vec::new(),
        seamless_axes: Vec::new(),
        freeu_config: None,
    }
}

/// The model's VAE.
pub(super) fn vae(model: &ModelIdentifierField) -> VAEField {
    VAEField { vae: part(model, "vae"), seamless_axes: Vec::new() }
}

/// One of the model's text encoders.
pub(super) fn clip(model: &ModelIdentifierField, tokenizer: &str, text_encoder: &str) -> CLIPField {
    CLIPField {
        tokenizer: part(model, tokenizer),
        text_encoder: part(model, text_encoder),
        skipped_layers: 0,
        loras: Vec::new(),
    }
}

fn part(model: &ModelIdentifierField, name: &str) -> ModelIdentifierField {
    ModelIdentifierField { submodel_type: Some(name.to_owned()), ..model.clone() }
}

#[cfg(test)]
mod tests {
    use crate::invocation::context::workbench::Workbench;
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn controls_of_metadata_come_after_those_that_are_there_with_the_models_known_here() {
        let bench = Arc::new(Workbench::default());
        bench.put_model(json!({
            "key": "here", "hash": "h", "name": "edges", "base": "sd-1", "type": "controlnet", "path": "/none",
        }));
        let record = |name: &str| {
            json!({ "controlnets": [{
                "image": { "image_name": "a.png" }, "control_model": { "key": "elsewhere", "name": name },
                "control_weight": 0.5, "begin_step_percent": 0.1, "end_step_percent": 0.9,
                "control_mode": "more_prompt", "resize_mode": "crop_resize",
            }] })
        };
        let run = |name: &str| {
            let node = crate::nodes::find("metadata_to_controlnets").unwrap();
            (node.run)(json!({ "metadata": record(name) }), &bench.context())
        };
        let list = run("edges").unwrap();
        let control = &list["control_list"][0];
        assert_eq!(control["control_model"]["key"], "here");
        assert_eq!((&control["control_weight"], &control["end_step_percent"]), (&json!(0.5), &json!(0.9)));
        assert_eq!(control["resize_mode"], "crop_resize");
        assert!(run("unknown").is_err());
    }
}
