//! The parts of a model as sessions.
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::{Array2, Array3, Array4, ArrayD, ArrayView, Dimension, arr1};

use super::session::{Input, Runner};
use super::{
    Autoencoder, ControlNet, ImageAdapter, InferenceError, NoisePredictor, Residuals, SeamlessAxes,
    TextEncoder,
};
use crate::onnx;
use crate::weights::WeightSet;
use crate::weights::config::{AdapterConfig, TextEncoderConfig, UnetConfig, VaeConfig};

/// A CLIP text encoder.
#[derive(Debug)]
pub(crate) struct ClipTextEncoder {
    pub(crate) runner: Runner,
    pub(crate) config: TextEncoderConfig,
    pub(crate) vocabulary: usize,
    /// The vocabulary and the extra embeddings.
    pub(crate) known: usize,
}

impl TextEncoder for ClipTextEncoder {
    fn encode_visible(
        &self,
        token_ids: &Array2<i64>,
        visible: Option<&[bool]>,
        skipped_layers: usize,
    ) -> Result<Array3<f32>, InferenceError> {
        if token_ids.ncols() != self.config.max_position_embeddings {
            let reason = format!(
                "{} tokens for an encoder of {}",
                token_ids.ncols(),
                self.config.max_position_embeddings
            );
            return Err(InferenceError::BadInput(reason));
        }
        if let Some(id) = token_ids.iter().find(|id| !(0..self.known as i64).contains(*id)) {
            return Err(InferenceError::BadInput(format!(
                "the token id {id} is not one of the encoder's {}",
                self.known
            )));
        }
        let depth = self.config.num_hidden_layers.checked_sub(skipped_layers).ok_or_else(|| {
            let reason = format!(
                "CLIP skip {skipped_layers}: the text encoder of this model has {} layers, so at most that many can be \
                 skipped",
                self.config.num_hidden_layers
            );
            InferenceError::BadInput(reason)
        })?;
        // A token sees itself and what came before, as far as it is visible.
        let tokens = self.config.max_position_embeddings;
        let sees = |query: usize, key: usize| {
            key <= query && visible.is_none_or(|visible| visible.get(key) != Some(&false))
        };
        let bias =
            Array4::from_shape_fn(
                (1, 1, tokens, tokens),
                |(_, _, query, key)| if sees(query, key) { 0.0 } else { f32::MIN },
            );
        let inputs = [
            ("token_ids".to_owned(), Input::Ids(token_ids.view().into_dyn())),
            ("attention_bias".to_owned(), Input::Floats(bias.view().into_dyn())),
        ];
        one(self.runner.run(&inputs, &[format!("hidden.{depth}")])?)
    }

    fn vocabulary_size(&self) -> usize {
        self.vocabulary
    }

    fn layers(&self) -> usize {
        self.config.num_hidden_layers
    }
}

/// A UNet.
#[derive(Debug)]
pub(crate) struct Unet {
    pub(crate) runner: Runner,
    pub(crate) config: UnetConfig,
    /// Whether it takes regional prompts.
    pub(crate) regional: bool,
}

impl Unet {
    /// Whether a feature map has the shape that the middle block gives `sample`.
    fn fits_middle(&self, feature: &Array4<f32>, sample: &Array4<f32>) -> bool {
        let (batch, _, mut height, mut width) = sample.dim();
        for _ in 1..self.config.blocks() {
            (height, width) = (height.div_ceil(2), width.div_ceil(2));
        }
        let channels = self.config.block_out_channels.last().copied().unwrap_or_default();
        feature.dim() == (batch, channels, height, width)
    }
}

impl NoisePredictor for Unet {
    fn predict(
        &self,
        sample: &Array4<f32>,
        timestep: f32,
        context: &Array3<f32>,
        residuals: &Residuals,
    ) -> Result<Array4<f32>, InferenceError> {
        let skips = self.config.skips();
        if !residuals.down.is_empty() && residuals.down.len() != skips {
            let reason = format!("{} residuals for a UNet of {skips} skip connections", residuals.down.len());
            return Err(InferenceError::BadInput(reason));
        }
        let timestep = arr1(&[timestep]);
        let nothing = Array4::<f32>::zeros((1, 1, 1, 1));
        let mut inputs =
            vec![floats("sample", sample), floats("timestep", &timestep), floats("context", context)];
        for at in 0..skips {
            inputs.push(floats(&format!("down.{at}"), residuals.down.get(at).unwrap_or(&nothing)));
        }
        inputs.push(floats("middle", residuals.middle.as_ref().unwrap_or(&nothing)));
        for at in 0..=self.config.blocks() {
            // diffusers adds one more to the middle block where its shape happens to fit.
            let feature = residuals
                .intrablock
                .get(at)
                .filter(|feature| at < self.config.blocks() || self.fits_middle(feature, sample));
            inputs.push(floats(&format!("intrablock.{at}"), feature.unwrap_or(&nothing)));
        }
        if self.regional && residuals.regions.len() != self.config.blocks() {
            let reason =
                format!("{} regional masks for {} levels", residuals.regions.len(), self.config.blocks());
            return Err(InferenceError::BadInput(reason));
        }
        for (level, scores) in residuals.regions.iter().enumerate().filter(|_| self.regional) {
            inputs.push(floats(&format!("regions.{level}"), scores));
        }
        one(self.runner.step(&inputs, &["noise".to_owned()])?)
    }

    fn levels(&self) -> usize {
        self.config.blocks()
    }

    fn input_channels(&self) -> usize {
        self.config.in_channels
    }
}

/// A VAE. Its halves are loaded when they are first used.
#[derive(Debug)]
pub(crate) struct Vae {
    pub(crate) config: VaeConfig,
    pub(crate) set: WeightSet,
    pub(crate) seamless: SeamlessAxes,
    pub(crate) encoder: Mutex<Option<Arc<Runner>>>,
    pub(crate) decoder: Mutex<Option<Arc<Runner>>>,
}

type BuildGraph = fn(&VaeConfig, &WeightSet, SeamlessAxes) -> Result<onnx::Model, InferenceError>;

impl Vae {
    fn half(
        &self,
        half: &Mutex<Option<Arc<Runner>>>,
        build: BuildGraph,
    ) -> Result<Arc<Runner>, InferenceError> {
        let mut half = half.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runner) = &*half {
            return Ok(runner.clone());
        }
        let model = build(&self.config, &self.set, self.seamless)?;
        let runner = Arc::new(Runner::new(&model, &self.set)?);
        *half = Some(runner.clone());
        Ok(runner)
    }
}

impl Autoencoder for Vae {
    fn encode(&self, image: &Array4<f32>) -> Result<Array4<f32>, InferenceError> {
        let runner = self.half(&self.encoder, onnx::vae_encoder)?;
        one(runner.run(&[floats("image", image)], &["moments".to_owned()])?)
    }

    fn decode(&self, latents: &Array4<f32>) -> Result<Array4<f32>, InferenceError> {
        let runner = self.half(&self.decoder, onnx::vae_decoder)?;
        one(runner.run(&[floats("latents", latents)], &["image".to_owned()])?)
    }

    fn scaling_factor(&self) -> f32 {
        self.config.scaling_factor
    }
}

/// A ControlNet.
#[derive(Debug)]
pub(crate) struct SdControlNet {
    pub(crate) runner: Runner,
    pub(crate) config: UnetConfig,
}

impl ControlNet for SdControlNet {
    fn residuals(
        &self,
        sample: &Array4<f32>,
        timestep: f32,
        context: &Array3<f32>,
        image: &Array4<f32>,
    ) -> Result<Residuals, InferenceError> {
        let timestep = arr1(&[timestep]);
        let inputs = [
            floats("sample", sample),
            floats("timestep", &timestep),
            floats("context", context),
            floats("image", image),
        ];
        let mut names: Vec<String> = (0..self.config.skips()).map(|at| format!("down.{at}")).collect();
        names.push("middle".into());
        let mut down =
            self.runner.step(&inputs, &names)?.into_iter().map(sized).collect::<Result<Vec<_>, _>>()?;
        let middle = down.pop();
        Ok(Residuals { down, middle, ..Residuals::default() })
    }
}

/// A T2I adapter.
#[derive(Debug)]
pub(crate) struct SdImageAdapter {
    pub(crate) runner: Runner,
    pub(crate) config: AdapterConfig,
}

impl ImageAdapter for SdImageAdapter {
    fn features(&self, image: &Array4<f32>) -> Result<Vec<Array4<f32>>, InferenceError> {
        let names: Vec<String> = (0..self.config.channels.len()).map(|at| format!("features.{at}")).collect();
        self.runner.run(&[floats("image", image)], &names)?.into_iter().map(sized).collect()
    }

    fn image_channels(&self) -> usize {
        self.config.in_channels
    }

    fn total_downscale_factor(&self) -> usize {
        // diffusers' number: the light adapter counts one halving more than it does.
        let halvings = self.config.channels.len() - usize::from(self.config.adapter_type == "full_adapter");
        self.config.downscale_factor << halvings
    }
}

fn floats<'a, D: Dimension>(name: &str, array: &'a ndarray::Array<f32, D>) -> (String, Input<'a>) {
    let view: ArrayView<'a, f32, D> = array.view();
    (name.to_owned(), Input::Floats(view.into_dyn()))
}

fn one<D: Dimension>(outputs: Vec<ArrayD<f32>>) -> Result<ndarray::Array<f32, D>, InferenceError> {
    let output = outputs.into_iter().next().ok_or_else(|| InferenceError::Runtime("no output".into()))?;
    sized(output)
}

fn sized<D: Dimension>(output: ArrayD<f32>) -> Result<ndarray::Array<f32, D>, InferenceError> {
    output.into_dimensionality().map_err(|error| InferenceError::Runtime(error.to_string()))
}
