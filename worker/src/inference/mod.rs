//! Sessions of text encoder, UNet and VAE over ONNX Runtime, and the cache that keeps them warm.
//!
//! The traits here are what nodes see; tensors are float32 on the host, row-major.
use ndarray::{Array2, Array3, Array4};

/// A CLIP text encoder (SD1).
pub trait TextEncoder: Send + Sync {
    /// Token ids `[batch, 77]` to hidden states `[batch, 77, width]`: the output of the layer
    /// `skipped_layers` before the last, through the final layer norm.
    fn encode(&self, token_ids: &Array2<i64>, skipped_layers: usize) -> Result<Array3<f32>, InferenceError>;
}

/// What ControlNet and T2I adapters add to a UNet step. Empty: nothing.
#[derive(Debug, Default, Clone)]
pub struct Residuals {
    /// Added to the skip connections, in the UNet's order.
    pub down: Vec<Array4<f32>>,
    /// Added to the middle block's output.
    pub middle: Option<Array4<f32>>,
}

/// A UNet: predicts noise (or v) for a batch.
pub trait NoisePredictor: Send + Sync {
    /// Sample `[batch, 4, h, w]`, a timestep, context `[batch, tokens, width]` to `[batch, 4, h, w]`.
    fn predict(
        &self,
        sample: &Array4<f32>,
        timestep: f32,
        context: &Array3<f32>,
        residuals: &Residuals,
    ) -> Result<Array4<f32>, InferenceError>;
}

/// A VAE.
pub trait Autoencoder: Send + Sync {
    /// Image `[batch, 3, H, W]` in −1…1 to the moments `[batch, 8, H/8, W/8]` (mean, log variance).
    fn encode(&self, image: &Array4<f32>) -> Result<Array4<f32>, InferenceError>;
    /// Latents `[batch, 4, h, w]`, already divided by the scaling factor, to `[batch, 3, 8h, 8w]`.
    fn decode(&self, latents: &Array4<f32>) -> Result<Array4<f32>, InferenceError>;
    /// The factor between the VAE's latents and the UNet's (0.18215 for SD1).
    fn scaling_factor(&self) -> f32;
}

/// What can go wrong between a model's files and a tensor.
#[derive(Debug, thiserror::Error)]
pub enum InferenceError {
    /// The model's files are not what they should be; the text says which and why.
    #[error("{0}")]
    BadModel(String),
    /// The model needs more memory than the budget allows.
    #[error("the model needs {needed} bytes, the cache may hold {budget}: raise the budget or pick a smaller model")]
    DoesNotFit { 
        /// Bytes that the model needs.
        needed: u64,
        /// Bytes that the cache may hold.
        budget: u64,
    },
    /// ONNX Runtime.
    #[error("ONNX Runtime: {0}")]
    Runtime(String),
    /// Reading files.
    #[error("{path}: {source}")]
    Io { 
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}
