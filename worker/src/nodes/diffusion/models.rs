//! From the fields of nodes to loaded models and tensors of the session.
use std::sync::Arc;

use image::DynamicImage;
use ndarray::{Array2, Array4, ArrayD};
use serde_json::{Value, json};

use super::picture::PIXELS;
use crate::inference::{Autoencoder, InferenceError, LoraUse, NoisePredictor, SeamlessAxes, TextEncoder};
use crate::invocation::fields::{
    BoardField, CLIPField, ImageField, LatentsField, LoRAField, MetadataField, ModelIdentifierField,
    UNetField, VAEField,
};
use crate::invocation::outputs::{ImageOutput, LatentsOutput};
use crate::invocation::{InvocationContext, InvocationError};
use crate::prompt::clip;
use crate::prompt::tokenizer::Tokenizer;
use crate::weights::embedding;

/// Latents `[1, 4, h, w]` or a mask `[1, 1, h, w]`.
pub(super) fn latents(context: &InvocationContext, name: &str) -> Result<Array4<f32>, InvocationError> {
    four_dimensions(context.load_tensor(name)?)
}

pub(super) fn four_dimensions(tensor: ArrayD<f32>) -> Result<Array4<f32>, InvocationError> {
    let shape = tensor.shape().to_vec();
    tensor.into_dimensionality().map_err(|_| {
        InvocationError::BadInput(format!(
            "a tensor of shape {shape:?} where [batch, channels, height, width] is expected"
        ))
    })
}

/// Keeps latents and says how large their picture is.
pub(super) fn save_latents(
    context: &InvocationContext,
    latents: Array4<f32>,
    seed: Option<i64>,
) -> LatentsOutput {
    let (_, _, rows, columns) = latents.dim();
    let latents_name = context.save_tensor(latents.into_dyn());
    LatentsOutput {
        latents: LatentsField { latents_name, seed },
        width: (columns * PIXELS) as u32,
        height: (rows * PIXELS) as u32,
    }
}

pub(super) fn unet(
    context: &InvocationContext,
    field: &UNetField,
    regional: bool,
) -> Result<Arc<dyn NoisePredictor>, InvocationError> {
    let path = context.model_path(&field.unet)?;
    let loras = loras(context, &field.loras)?;
    let (models, axes) = (context.models(), axes(&field.seamless_axes));
    context.loading(&field.unet, || {
        Ok(if regional {
            models.regional_unet(&path, &loras, axes)?
        } else {
            models.unet(&path, &loras, axes)?
        })
    })
}

pub(super) fn vae(
    context: &InvocationContext,
    field: &VAEField,
) -> Result<Arc<dyn Autoencoder>, InvocationError> {
    let path = context.model_path(&field.vae)?;
    context.loading(&field.vae, || Ok(context.models().vae(&path, axes(&field.seamless_axes))?))
}

pub(super) fn text_encoder(
    context: &InvocationContext,
    field: &CLIPField,
    embeddings: &[Array2<f32>],
) -> Result<Arc<dyn TextEncoder>, InvocationError> {
    let path = context.model_path(&field.text_encoder)?;
    let loras = loras(context, &field.loras)?;
    context.loading(&field.text_encoder, || Ok(context.models().text_encoder(&path, &loras, embeddings)?))
}

fn loras(context: &InvocationContext, fields: &[LoRAField]) -> Result<Vec<LoraUse>, InvocationError> {
    fields
        .iter()
        .map(|field| Ok(LoraUse { path: context.model_path(&field.lora)?, weight: field.weight as f32 }))
        .collect()
}

fn axes(names: &[String]) -> SeamlessAxes {
    let has = |axis: &str| names.iter().any(|name| name == axis);
    SeamlessAxes { x: has("x"), y: has("y") }
}

/// The vectors of a textual inversion that a prompt names by key or by name; `None` if there is no such model for
/// this base, or it cannot be read: the words then stand for themselves.
pub(super) fn textual_inversion(context: &InvocationContext, name: &str, base: &str) -> Option<Array2<f32>> {
    let path = context.find_model(name, base, "embedding")?;
    match embedding::load(&path) {
        Ok(vectors) => Some(vectors),
        Err(error) => {
            tracing::warn!(name, %error, "the textual inversion does not load");
            None
        }
    }
}

/// A diffusers model's tokenizer. Single-file checkpoints have none: CLIP's own then, as for all of the SD1 family.
pub(super) fn tokenizer(
    context: &InvocationContext,
    field: &ModelIdentifierField,
) -> Result<Tokenizer, InvocationError> {
    let path = context.model_path(field)?;
    if path.is_file() {
        return Ok(clip::tokenizer().clone());
    }
    let folder = path.join("tokenizer");
    let folder = if folder.is_dir() { folder } else { path };
    Tokenizer::read(&folder).map_err(|error| InferenceError::BadModel(error.to_string()).into())
}

/// The settings that the model was trained with. Single-file checkpoints have none: SD 1.5's then.
pub(super) fn scheduler_config(
    context: &InvocationContext,
    field: &UNetField,
) -> Result<Value, InvocationError> {
    let path = context.model_path(&field.scheduler)?.join("scheduler/scheduler_config.json");
    let mut config = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| InferenceError::BadModel(format!("{}: {error}", path.display())))?,
        Err(_) => json!({
            "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
            "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1, "clip_sample": false,
        }),
    };
    // What the registry says about the model comes before what its file says.
    if let Some(prediction) =
        context.model_config(&field.unet)?.get("prediction_type").filter(|value| value.is_string())
    {
        config["prediction_type"] = prediction.clone();
    }
    Ok(config)
}

/// Whether a UNet takes the mask and the masked picture as channels.
pub(super) fn is_inpainting(context: &InvocationContext, field: &UNetField) -> Result<bool, InvocationError> {
    Ok(context.model_config(&field.unet)?["variant"] == "inpaint")
}

/// Saves a picture that the node gives.
pub(super) fn save_picture(
    context: &InvocationContext,
    picture: DynamicImage,
    board: Option<BoardField>,
    metadata: Option<MetadataField>,
) -> Result<ImageOutput, InvocationError> {
    let (width, height) = (picture.width(), picture.height());
    let image_name = context.save_image(picture, board.as_ref(), metadata.as_ref())?;
    Ok(ImageOutput { image: ImageField { image_name }, width, height })
}

/// Saves a picture beside the node's own output.
pub(super) fn save_intermediate(
    context: &InvocationContext,
    picture: DynamicImage,
) -> Result<ImageField, InvocationError> {
    Ok(ImageField { image_name: context.save_image(picture, None, None)? })
}
