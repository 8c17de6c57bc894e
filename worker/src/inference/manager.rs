//! Loads models by path and keeps them warm within a memory budget.
use std::path::Path;
use std::sync::Arc;

use ndarray::Array2;

use super::{Autoencoder, ControlNet, ImageAdapter, InferenceError, LoraUse, NoisePredictor, SeamlessAxes, TextEncoder};

/// The model cache of a worker. A path is a diffusers folder (the main model's root or the part's
/// own folder) or a single-file checkpoint. Methods block while they load.
#[derive(Debug)]
pub struct ModelManager {
    budget: u64,
}

impl ModelManager {
    /// A manager that keeps at most `budget` bytes of weights loaded.
    pub fn new(budget: u64) -> Self {
        Self { budget }
    }

    /// The CLIP text encoder, LoRAs merged. The rows of `embeddings` `[vectors, width]` are appended,
    /// in order, to the token embedding table: ids from `vocabulary_size()` on refer to them.
    pub fn text_encoder(&self, path: &Path, loras: &[LoraUse], embeddings: &[Array2<f32>]) -> Result<Arc<dyn TextEncoder>, InferenceError> {
        let _ = (loras, embeddings, self.budget);
        Err(InferenceError::BadModel(format!("{}: text encoders do not load yet", path.display())))
    }

    /// The UNet, LoRAs merged.
    pub fn unet(&self, path: &Path, loras: &[LoraUse], seamless: SeamlessAxes) -> Result<Arc<dyn NoisePredictor>, InferenceError> {
        let _ = (loras, seamless);
        Err(InferenceError::BadModel(format!("{}: UNets do not load yet", path.display())))
    }

    /// The VAE.
    pub fn vae(&self, path: &Path, seamless: SeamlessAxes) -> Result<Arc<dyn Autoencoder>, InferenceError> {
        let _ = seamless;
        Err(InferenceError::BadModel(format!("{}: VAEs do not load yet", path.display())))
    }

    /// A ControlNet.
    pub fn control_net(&self, path: &Path) -> Result<Arc<dyn ControlNet>, InferenceError> {
        Err(InferenceError::BadModel(format!("{}: ControlNets do not load yet", path.display())))
    }

    /// A T2I adapter.
    pub fn image_adapter(&self, path: &Path) -> Result<Arc<dyn ImageAdapter>, InferenceError> {
        Err(InferenceError::BadModel(format!("{}: T2I adapters do not load yet", path.display())))
    }
}
