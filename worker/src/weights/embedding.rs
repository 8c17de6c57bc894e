//! Textual inversions in `.safetensors`. Pickled ones (`.pt`, `.bin`) are refused: they run code.
use std::path::{Path, PathBuf};

use ndarray::Array2;

use super::safetensors::SafeTensors;
use super::set::Weight;
use crate::inference::InferenceError;

/// The vectors of an embedding, `[vectors, width]`. `path` is a file, or a diffusers folder that
/// holds `learned_embeds.safetensors`.
pub fn load(path: &Path) -> Result<Array2<f32>, InferenceError> {
    let file: PathBuf = if path.is_dir() { path.join("learned_embeds.safetensors") } else { path.into() };
    let bad = |reason: &str| InferenceError::BadModel(format!("{}: {reason}", file.display()));
    if file.extension().is_none_or(|extension| extension != "safetensors") {
        return Err(bad("embeddings are loaded from .safetensors files only"));
    }
    let tensors = SafeTensors::open(&file)?;
    let place = ["emb_params", "clip_l"].iter().find_map(|name| tensors.tensors.get(*name));
    let place =
        place.or_else(|| tensors.tensors.values().next()).ok_or_else(|| bad("it holds no tensor"))?.clone();
    let shape = match place.shape[..] {
        [width] => (1, width),
        [vectors, width] => (vectors, width),
        _ => return Err(bad("its tensor is not a list of vectors")),
    };
    let values = Weight::Mapped { file: tensors, place }.values()?;
    Array2::from_shape_vec(shape, values).map_err(|reason| bad(&reason.to_string()))
}
