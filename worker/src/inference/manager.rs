//! Loads models by path and keeps them warm within a memory budget.
use std::collections::VecDeque;
use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::Array2;
use sha2::{Digest, Sha256};

use super::models::{ClipTextEncoder, SdControlNet, SdImageAdapter, Unet, Vae};
use super::session::Runner;
use super::{
    Autoencoder, ControlNet, ImageAdapter, InferenceError, LoraUse, NoisePredictor, Precision, SeamlessAxes,
    Target, TextEncoder, provider,
};
use crate::onnx;
use crate::weights::lora::Part;
use crate::weights::{WeightSet, layout, lora};

const TOKEN_TABLE: &str = "text_model.embeddings.token_embedding.weight";

/// The model cache of a worker. A path is a diffusers folder (the main model's root or the part's
/// own folder) or a single-file checkpoint. Methods block while they load.
#[derive(Debug)]
pub struct ModelManager {
    budget: u64,
    precision: Precision,
    /// The least recently used comes first.
    entries: Mutex<VecDeque<Entry>>,
}

#[derive(Debug)]
struct Entry {
    key: String,
    bytes: u64,
    model: Loaded,
}

#[derive(Debug, Clone)]
enum Loaded {
    TextEncoder(Arc<ClipTextEncoder>),
    Unet(Arc<Unet>),
    Vae(Arc<Vae>),
    ControlNet(Arc<SdControlNet>),
    ImageAdapter(Arc<SdImageAdapter>),
}

impl ModelManager {
    /// A manager that keeps at most `budget` bytes of weights loaded.
    pub fn new(budget: u64) -> Self {
        Self { budget, precision: Precision::default(), entries: Mutex::default() }
    }

    /// The same, for models that compute in another precision.
    pub fn in_precision(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    fn target(&self) -> Target {
        Target { provider: provider::chosen(), precision: self.precision, spacious: false }
    }

    /// The graph that takes more memory than it needs, where a third of the cache is left for the parts that it works
    /// with: what is loaded anew for every image costs more than speed gains.
    fn fastest(
        &self,
        graph: impl Fn(Target) -> Result<onnx::Model, InferenceError>,
    ) -> Result<onnx::Model, InferenceError> {
        let spacious = graph(Target { spacious: true, ..self.target() })?;
        if spacious.weight_bytes() <= self.budget / 3 * 2 { Ok(spacious) } else { graph(self.target()) }
    }

    /// The CLIP text encoder, LoRAs merged. The rows of `embeddings` `[vectors, width]` are appended,
    /// in order, to the token embedding table: ids from `vocabulary_size()` on refer to them.
    pub fn text_encoder(
        &self,
        path: &Path,
        loras: &[LoraUse],
        embeddings: &[Array2<f32>],
    ) -> Result<Arc<dyn TextEncoder>, InferenceError> {
        let mut digest = Sha256::new();
        embeddings.iter().flatten().for_each(|value| digest.update(value.to_le_bytes()));
        let mut key = key("text_encoder", path, loras, SeamlessAxes::default());
        _ = write!(key, "{:x}", digest.finalize());
        let loaded = self.cached(key, |room| {
            let (config, mut set) = layout::text_encoder(path)?;
            merge(&mut set, Part::TextEncoder, loras)?;
            let vocabulary = set.shape(TOKEN_TABLE)?[0];
            set.append_rows(TOKEN_TABLE, embeddings)?;
            let known = set.shape(TOKEN_TABLE)?[0];
            let runner = runner(&onnx::text_encoder(&config, &set, self.target())?, &set, room)?;
            Ok((
                runner.bytes(),
                Loaded::TextEncoder(Arc::new(ClipTextEncoder { runner, config, vocabulary, known })),
            ))
        })?;
        match loaded {
            Loaded::TextEncoder(model) => Ok(model),
            _ => Err(mixed_up()),
        }
    }

    /// The UNet, LoRAs merged.
    pub fn unet(
        &self,
        path: &Path,
        loras: &[LoraUse],
        seamless: SeamlessAxes,
    ) -> Result<Arc<dyn NoisePredictor>, InferenceError> {
        self.load_unet(path, loras, seamless, false)
    }

    /// As [`ModelManager::unet`], for prompts that apply to regions.
    pub fn regional_unet(
        &self,
        path: &Path,
        loras: &[LoraUse],
        seamless: SeamlessAxes,
    ) -> Result<Arc<dyn NoisePredictor>, InferenceError> {
        self.load_unet(path, loras, seamless, true)
    }

    fn load_unet(
        &self,
        path: &Path,
        loras: &[LoraUse],
        seamless: SeamlessAxes,
        regional: bool,
    ) -> Result<Arc<dyn NoisePredictor>, InferenceError> {
        let part = if regional { "regional_unet" } else { "unet" };
        let loaded = self.cached(key(part, path, loras, seamless), |room| {
            let (config, mut set) = layout::unet(path)?;
            merge(&mut set, Part::Unet, loras)?;
            let graph = self.fastest(|target| onnx::unet(&config, &set, seamless, regional, target))?;
            let runner = runner(&graph, &set, room)?;
            Ok((runner.bytes(), Loaded::Unet(Arc::new(Unet { runner, config, regional }))))
        })?;
        match loaded {
            Loaded::Unet(model) => Ok(model),
            _ => Err(mixed_up()),
        }
    }

    /// The VAE.
    pub fn vae(&self, path: &Path, seamless: SeamlessAxes) -> Result<Arc<dyn Autoencoder>, InferenceError> {
        let loaded = self.cached(key("vae", path, &[], seamless), |room| {
            let (config, set) = layout::vae(path)?;
            let bytes = set.bytes();
            room(bytes)?;
            let vae = Vae { config, set, seamless, encoder: Mutex::default(), decoder: Mutex::default() };
            Ok((bytes, Loaded::Vae(Arc::new(vae))))
        })?;
        match loaded {
            Loaded::Vae(model) => Ok(model),
            _ => Err(mixed_up()),
        }
    }

    /// A ControlNet.
    pub fn control_net(&self, path: &Path) -> Result<Arc<dyn ControlNet>, InferenceError> {
        let loaded = self.cached(key("control_net", path, &[], SeamlessAxes::default()), |room| {
            let (config, set) = layout::control_net(path)?;
            let graph = self.fastest(|target| onnx::control_net(&config, &set, target))?;
            let runner = runner(&graph, &set, room)?;
            Ok((runner.bytes(), Loaded::ControlNet(Arc::new(SdControlNet { runner, config }))))
        })?;
        match loaded {
            Loaded::ControlNet(model) => Ok(model),
            _ => Err(mixed_up()),
        }
    }

    /// A T2I adapter.
    pub fn image_adapter(&self, path: &Path) -> Result<Arc<dyn ImageAdapter>, InferenceError> {
        let loaded = self.cached(key("image_adapter", path, &[], SeamlessAxes::default()), |room| {
            let (config, set) = layout::image_adapter(path)?;
            let runner = runner(&onnx::image_adapter(&config, &set, self.target())?, &set, room)?;
            Ok((runner.bytes(), Loaded::ImageAdapter(Arc::new(SdImageAdapter { runner, config }))))
        })?;
        match loaded {
            Loaded::ImageAdapter(model) => Ok(model),
            _ => Err(mixed_up()),
        }
    }

    /// The bytes of the weights that are loaded.
    pub fn bytes(&self) -> u64 {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|entry| entry.bytes).sum()
    }

    /// Drops everything that is loaded; what a node still holds stays until it lets go.
    pub fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The model under `key`, or what `load` makes. `load` calls `room` with the bytes that it is
    /// about to take, so that others go first.
    fn cached(
        &self,
        key: String,
        load: impl FnOnce(
            &mut dyn FnMut(u64) -> Result<(), InferenceError>,
        ) -> Result<(u64, Loaded), InferenceError>,
    ) -> Result<Loaded, InferenceError> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = entries.iter().position(|entry| entry.key == key)
            && let Some(entry) = entries.remove(at)
        {
            let model = entry.model.clone();
            entries.push_back(entry);
            return Ok(model);
        }
        let budget = self.budget;
        let (bytes, model) = load(&mut |needed| {
            if needed > budget {
                return Err(InferenceError::DoesNotFit { needed, budget });
            }
            while entries.iter().map(|entry| entry.bytes).sum::<u64>() + needed > budget {
                entries.pop_front();
            }
            Ok(())
        })?;
        entries.push_back(Entry { key, bytes, model: model.clone() });
        Ok(model)
    }
}

fn runner(
    model: &onnx::Model,
    set: &WeightSet,
    room: &mut dyn FnMut(u64) -> Result<(), InferenceError>,
) -> Result<Runner, InferenceError> {
    room(model.weight_bytes())?;
    Runner::new(model, set)
}

fn merge(set: &mut WeightSet, part: Part, loras: &[LoraUse]) -> Result<(), InferenceError> {
    loras
        .iter()
        .filter(|lora| lora.weight != 0.0)
        .try_for_each(|lora| lora::merge(set, part, &lora.path, lora.weight))
}

fn key(part: &str, path: &Path, loras: &[LoraUse], seamless: SeamlessAxes) -> String {
    let mut key = format!("{part}|{}|{seamless:?}|", path.display());
    loras.iter().for_each(|lora| _ = write!(key, "{}*{}|", lora.path.display(), lora.weight));
    key
}

fn mixed_up() -> InferenceError {
    InferenceError::Runtime("the model cache holds another part of a model under this key".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_more_memory_for_speed_is_taken_where_it_fits() {
        let graph = |target: Target| {
            let elements = if target.spacious { 16 } else { 9 };
            let weight = onnx::DeclaredWeight { name: "w".into(), shape: vec![elements], half: false };
            let (weights, kernels) = (vec![weight], Vec::new());
            Ok(onnx::Model { bytes: Vec::new(), weights, kernels, precision: target.precision })
        };
        let bytes = |budget| ModelManager::new(budget).fastest(graph).unwrap().weight_bytes();
        assert_eq!(bytes(96), 64);
        assert_eq!(bytes(95), 36);
        assert_eq!(bytes(1), 36, "what does not fit at all is for the caller to refuse");
    }
}
