//! Finds a part of a model: in a diffusers folder, in its own folder, or in a single file.
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::WeightSet;
use super::checkpoint::{text_encoder_name, unet_name, vae_folder_name, vae_name};
use super::config::{AdapterConfig, TextEncoderConfig, UnetConfig, VaeConfig};
use super::safetensors::SafeTensors;
use crate::inference::InferenceError;

/// The text encoder's config and weights.
pub fn text_encoder(path: &Path) -> Result<(TextEncoderConfig, WeightSet), InferenceError> {
    if path.is_file() {
        return Ok((TextEncoderConfig::default(), read(&[path.into()], text_encoder_name)?));
    }
    let folder = part(path, "text_encoder");
    Ok((config(&folder)?, read(&weight_files(&folder)?, text_encoder_name)?))
}

/// The UNet's config and weights.
pub fn unet(path: &Path) -> Result<(UnetConfig, WeightSet), InferenceError> {
    if path.is_file() {
        let mut config = UnetConfig::default();
        let set = read(&[path.into()], |name| unet_name(name, &config))?;
        // An inpainting checkpoint differs in this alone.
        config.in_channels = set.shape("conv_in.weight")?.get(1).copied().unwrap_or(4);
        return Ok((config, set));
    }
    let folder = part(path, "unet");
    Ok((config(&folder)?, read(&weight_files(&folder)?, |name| Some(name.into()))?))
}

/// The VAE's config and weights.
pub fn vae(path: &Path) -> Result<(VaeConfig, WeightSet), InferenceError> {
    if path.is_file() {
        let config = VaeConfig::default();
        let set = read(&[path.into()], |name| vae_name(name, &config))?;
        return Ok((config, set));
    }
    let folder = part(path, "vae");
    Ok((config(&folder)?, read(&weight_files(&folder)?, |name| Some(vae_folder_name(name)))?))
}

/// A ControlNet's config and weights.
pub fn control_net(path: &Path) -> Result<(UnetConfig, WeightSet), InferenceError> {
    // A ControlNet's config has no up blocks; the default's are no part of the graph.
    let folder = part(path, "controlnet");
    let mut config: UnetConfig = config(&folder)?;
    config.up_block_types.clear();
    Ok((config, read(&weight_files(&folder)?, |name| Some(name.into()))?))
}

/// A T2I adapter's config and weights.
pub fn image_adapter(path: &Path) -> Result<(AdapterConfig, WeightSet), InferenceError> {
    let folder = part(path, "adapter");
    Ok((config(&folder)?, read(&weight_files(&folder)?, |name| Some(name.into()))?))
}

/// `path` itself where it is the part's folder, else its subfolder.
fn part(path: &Path, name: &str) -> PathBuf {
    let inner = path.join(name);
    if inner.is_dir() { inner } else { path.into() }
}

fn config<T: DeserializeOwned>(folder: &Path) -> Result<T, InferenceError> {
    let path = folder.join("config.json");
    let text = std::fs::read(&path)
        .map_err(|source| InferenceError::Io { path: path.display().to_string(), source })?;
    serde_json::from_slice(&text)
        .map_err(|reason| InferenceError::BadModel(format!("{}: {reason}", path.display())))
}

/// The `.safetensors` files of a folder: full precision before half, all shards of a sharded one.
fn weight_files(folder: &Path) -> Result<Vec<PathBuf>, InferenceError> {
    let listing = std::fs::read_dir(folder)
        .map_err(|source| InferenceError::Io { path: folder.display().to_string(), source })?;
    let mut files: Vec<PathBuf> = listing
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "safetensors"))
        .collect();
    files.sort();
    let variant =
        |path: &PathBuf| path.file_stem().is_some_and(|stem| stem.to_string_lossy().contains(".fp16"));
    if files.iter().any(|path| !variant(path)) {
        files.retain(|path| !variant(path));
    }
    let sharded =
        |path: &PathBuf| path.file_stem().is_some_and(|stem| stem.to_string_lossy().contains("-of-"));
    if let Some(whole) = files.iter().find(|path| !sharded(path)) {
        return Ok(vec![whole.clone()]);
    }
    if files.is_empty() {
        return Err(InferenceError::BadModel(format!("{} has no .safetensors file", folder.display())));
    }
    Ok(files)
}

fn read(files: &[PathBuf], rename: impl Fn(&str) -> Option<String>) -> Result<WeightSet, InferenceError> {
    let mut set = WeightSet::default();
    for file in files {
        set.insert_file(&SafeTensors::open(file)?, &rename);
    }
    if set.is_empty() {
        let path = files.first().map(|path| path.display().to_string()).unwrap_or_default();
        return Err(InferenceError::BadModel(format!("{path} has no weights of this part of a model")));
    }
    Ok(set)
}
