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
