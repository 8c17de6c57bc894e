//! Sessions of text encoder, UNet, VAE and adapters over ONNX Runtime, and the cache that keeps
//! them warm.
//!
//! - [`choose_provider`]: what computes; [`Precision`]: with how many bits
//! - [`ModelManager`]: a model's path to a loaded session, with a memory budget
//! - the traits here are what nodes see; tensors are float32 on the host, row-major
mod borrowed;
mod bound;
mod interrupt;
mod manager;
mod models;
mod provider;
mod session;

use std::path::PathBuf;

use ndarray::{Array2, Array3, Array4};

pub(crate) use interrupt::Interrupt;
pub use manager::ModelManager;
pub use provider::{Provider, choose_provider};
#[cfg(test)]
pub(crate) use session::{Input, Runner};

/// In what models compute. Tensors on the host are float32 either way, and so is every VAE, which would overflow in
/// less for some models.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// IEEE single precision.
    #[default]
    Float32,
    /// IEEE half precision: half the memory, and on GPUs most of the speed. Times of a diffusion are embedded in
    /// single precision, as diffusers does.
    Float16,
}

/// What a graph is made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Target {
    /// What computes it.
    pub provider: Provider,
    /// In what it computes.
    pub precision: Precision,
    /// Whether weights may take more memory than they need, where that is faster.
    pub spacious: bool,
}

/// A LoRA and how strongly it is merged. Where a file patches both parts, each part takes its own.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraUse {
    /// The `.safetensors` file, or a folder with one in it.
    pub path: PathBuf,
    /// The factor of the patch; 1 is as trained.
    pub weight: f32,
}

/// The axes along which convolutions see the picture as a ring.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SeamlessAxes {
    /// Left and right edges meet.
    pub x: bool,
    /// Top and bottom edges meet.
    pub y: bool,
}

/// A CLIP text encoder (SD1).
pub trait TextEncoder: Send + Sync {
    /// Token ids `[batch, 77]` to hidden states `[batch, 77, width]`: the output of the layer
    /// `skipped_layers` before the last, through the final layer norm.
    fn encode(&self, token_ids: &Array2<i64>, skipped_layers: usize) -> Result<Array3<f32>, InferenceError> {
        self.encode_visible(token_ids, None, skipped_layers)
    }
    /// As [`TextEncoder::encode`], where tokens attend only to the places `[77]` that are visible (`None`: all).
    fn encode_visible(
        &self,
        token_ids: &Array2<i64>,
        visible: Option<&[bool]>,
        skipped_layers: usize,
    ) -> Result<Array3<f32>, InferenceError>;
    /// The number of the model's own tokens: the id of the first extra embedding.
    fn vocabulary_size(&self) -> usize;
    /// The number of transformer layers.
    fn layers(&self) -> usize;
}

/// What ControlNet and T2I adapters add to a UNet step. Empty: nothing.
#[derive(Debug, Default, Clone)]
pub struct Residuals {
    /// ControlNet: added to the skip connections, in the UNet's order.
    pub down: Vec<Array4<f32>>,
    /// ControlNet: added to the middle block's output.
    pub middle: Option<Array4<f32>>,
    /// T2I adapter: added inside each down block, in the UNet's order.
    pub intrablock: Vec<Array4<f32>>,
    /// Regional prompts: `[batch, 1, rows · columns, tokens]` for each level, added to the scores of the attention to
    /// the text. Only a UNet that was loaded for regions takes them, and it always does.
    pub regions: Vec<Array4<f32>>,
}

/// A UNet: predicts noise (or v) for a batch.
pub trait NoisePredictor: Send + Sync {
    /// Sample `[batch, channels, h, w]` (4 channels; 9 for an inpainting model), a timestep,
    /// context `[batch, tokens, width]` to `[batch, 4, h, w]`.
    fn predict(
        &self,
        sample: &Array4<f32>,
        timestep: f32,
        context: &Array3<f32>,
        residuals: &Residuals,
    ) -> Result<Array4<f32>, InferenceError>;
    /// The channels that the sample must have.
    fn input_channels(&self) -> usize;
    /// The resolutions at which it works, each half of the one before.
    fn levels(&self) -> usize;
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

/// A ControlNet.
pub trait ControlNet: Send + Sync {
    /// As [`NoisePredictor::predict`], with the control image `[batch, 3, 8h, 8w]` in 0…1, to the
    /// unscaled residuals (`intrablock` stays empty).
    fn residuals(
        &self,
        sample: &Array4<f32>,
        timestep: f32,
        context: &Array3<f32>,
        image: &Array4<f32>,
    ) -> Result<Residuals, InferenceError>;
}

/// A T2I adapter.
pub trait ImageAdapter: Send + Sync {
    /// Control image `[batch, channels, H, W]` in 0…1 to one unscaled feature map a UNet block.
    fn features(&self, image: &Array4<f32>) -> Result<Vec<Array4<f32>>, InferenceError>;
    /// The channels that the control image must have: 3, or 1 for sketch and canny adapters.
    fn image_channels(&self) -> usize;
    /// `H` and `W` must be multiples of this.
    fn total_downscale_factor(&self) -> usize;
}

/// What can go wrong between a model's files and a tensor.
#[derive(Debug, thiserror::Error)]
pub enum InferenceError {
    /// The model's files are not what they should be; the text says which and why.
    #[error("{0}")]
    BadModel(String),
    /// A tensor handed in does not fit the model.
    #[error("{0}")]
    BadInput(String),
    /// The model needs more memory than the budget allows.
    #[error(
        "the model needs {needed} bytes, the cache may hold {budget}: raise the budget or pick a smaller model"
    )]
    DoesNotFit {
        /// Bytes that the model needs.
        needed: u64,
        /// Bytes that the cache may hold.
        budget: u64,
    },
    /// Somebody asked for an end.
    #[error("the computation was broken off")]
    Interrupted,
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
