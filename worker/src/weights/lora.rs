//! Merges LoRA, LoCon, LoHa, LoKr and full-difference patches into a [`WeightSet`].
//! Sources: kohya-ss/sd-scripts, KohakuBlueleaf/LyCORIS, huggingface/peft for names and arithmetic.
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use ndarray::{Array2, Array4, Axis, linalg::kron};

use super::WeightSet;
use super::safetensors::SafeTensors;
use super::set::Weight;
use crate::inference::InferenceError;

/// The part of a model that a set belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The text encoder.
    TextEncoder,
    /// The UNet.
    Unet,
}

impl Part {
    fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::TextEncoder => &["lora_te_", "lora_te1_", "text_encoder."],
            Self::Unet => &["lora_unet_", "unet."],
        }
    }
}

/// What a file says about one layer: tensors by their names after the layer's.
type Layer = HashMap<&'static str, Weight>;

/// The ends of keys, and what they mean. Longer ends come before those that they contain.
const LEAVES: &[(&str, &str)] = &[
    (".lora_down.weight", "down"),
    (".lora_up.weight", "up"),
    (".lora_mid.weight", "mid"),
    (".lora_A.weight", "down"),
    (".lora_B.weight", "up"),
    (".lora_A.default.weight", "down"),
    (".lora_B.default.weight", "up"),
    (".lora.down.weight", "down"),
    (".lora.up.weight", "up"),
    (".lora_linear_layer.down.weight", "down"),
    (".lora_linear_layer.up.weight", "up"),
    ("_lora.down.weight", "down"),
    ("_lora.up.weight", "up"),
    (".alpha", "alpha"),
    (".hada_w1_a", "hada_w1_a"),
    (".hada_w1_b", "hada_w1_b"),
    (".hada_w2_a", "hada_w2_a"),
    (".hada_w2_b", "hada_w2_b"),
    (".hada_t1", "hada_t1"),
    (".hada_t2", "hada_t2"),
    (".lokr_w1_a", "lokr_w1_a"),
    (".lokr_w1_b", "lokr_w1_b"),
    (".lokr_w2_a", "lokr_w2_a"),
    (".lokr_w2_b", "lokr_w2_b"),
    (".lokr_w1", "lokr_w1"),
    (".lokr_w2", "lokr_w2"),
    (".lokr_t2", "lokr_t2"),
    (".diff_b", "diff_b"),
    (".diff", "diff"),
    (".w_norm", "diff"),
    (".b_norm", "diff_b"),
    (".dora_scale", "dora_scale"),
    (".on_input", "on_input"),
    (".weight", "weight"),
];

/// Adds `weight` times the patch in `path` to the weights of `set`. Layers that the model does not
/// have are passed over, as InvokeAI does.
pub fn merge(set: &mut WeightSet, part: Part, path: &Path, weight: f32) -> Result<(), InferenceError> {
    let path = patch_file(path)?;
    let file = SafeTensors::open(&path)?;
    let bad = |reason: String| InferenceError::BadModel(format!("{}: {reason}", path.display()));
    let layers = layers(&file, part).map_err(bad)?;
    let known: HashMap<String, String> = set
        .names()
        .filter_map(|name| name.strip_suffix(".weight"))
        .map(|stem| (stem.replace('.', "_"), stem.to_owned()))
        .collect();
    let mut passed_over = 0;
    for (name, layer) in &layers {
        let Some(stem) = known.get(name).or_else(|| known.get(&format!("text_model_{name}"))) else {
            passed_over += 1;
            continue;
        };
        let layer_error =
            |reason: String| InferenceError::BadModel(format!("{}: {name}: {reason}", path.display()));
        if let Some((delta, scale)) = delta(layer).map_err(layer_error)? {
            add(set, &format!("{stem}.weight"), &delta, weight * scale).map_err(layer_error)?;
        }
        if let Some(bias) = layer.get("diff_b") {
            add(set, &format!("{stem}.bias"), &bias.values()?, weight).map_err(layer_error)?;
        }
    }
    if passed_over > 0 {
        tracing::warn!(patch = %path.display(), layers = passed_over, "the model has no such layers; they are not patched");
    }
    Ok(())
}

fn patch_file(path: &Path) -> Result<PathBuf, InferenceError> {
    let bad = |reason: &str| InferenceError::BadModel(format!("{}: {reason}", path.display()));
    let file = if path.is_dir() { path.join("pytorch_lora_weights.safetensors") } else { path.into() };
    if file.extension().is_none_or(|extension| extension != "safetensors") {
        return Err(bad("LoRAs are loaded from .safetensors files only"));
    }
    Ok(file)
}

fn layers(file: &Arc<SafeTensors>, part: Part) -> Result<IndexMap<String, Layer>, String> {
    let mut layers: IndexMap<String, Layer> = IndexMap::new();
    for (key, place) in &file.tensors {
        let Some(rest) = part.prefixes().iter().find_map(|prefix| key.strip_prefix(prefix)) else { continue };
        let Some((stem, leaf)) = LEAVES.iter().find_map(|(end, leaf)| Some((rest.strip_suffix(end)?, *leaf)))
        else {
            return Err(format!("the key {key} is of no known kind of LoRA"));
        };
        let mut stem = stem.replace(".processor.", ".").replace(['.'], "_");
        if stem.ends_with("_to_out") {
            stem.push_str("_0");
        }
        let weight = Weight::Mapped { file: file.clone(), place: place.clone() };
        layers.entry(stem).or_default().insert(leaf, weight);
    }
    Ok(layers)
}

/// The patch of a layer's weight, row-major in the weight's own element order, and its scale.
fn delta(layer: &Layer) -> Result<Option<(Vec<f32>, f32)>, String> {
    if layer.contains_key("dora_scale") || layer.contains_key("on_input") {
        return Err("DoRA and IA3 patches are not supported".into());
    }
    let matrix = |name: &str| layer.get(name).map(matrix).transpose();
    let wanted = |name: &str| matrix(name)?.ok_or_else(|| format!("the tensor {name} is missing"));
    let tensor = |name: &str| layer.get(name).map(tensor).transpose();
    let (values, rank) = if layer.contains_key("up") {
        let (up, down) = (wanted("up")?, wanted("down")?);
        let rank = down.nrows();
        let values = match tensor("mid")? {
            Some(mid) => {
                let down = wanted("down")?;
                flat(tucker(&mid, &up, &down.t().to_owned())?)
            }
            None => flat(product(&up, &down)?),
        };
        (values, Some(rank))
    } else if layer.contains_key("hada_w1_a") {
        let (w1_a, w1_b) = (wanted("hada_w1_a")?, wanted("hada_w1_b")?);
        let (w2_a, w2_b) = (wanted("hada_w2_a")?, wanted("hada_w2_b")?);
        let rank = w1_b.nrows();
        let values = match (tensor("hada_t1")?, tensor("hada_t2")?) {
            (Some(t1), Some(t2)) => {
                let first = tucker(&t1, &w1_a.t().to_owned(), &w1_b.t().to_owned())?;
                let second = tucker(&t2, &w2_a.t().to_owned(), &w2_b.t().to_owned())?;
                same(first.dim(), second.dim())?;
                flat(first * second)
            }
            _ => {
                let (first, second) = (product(&w1_a, &w1_b)?, product(&w2_a, &w2_b)?);
                same(first.dim(), second.dim())?;
                flat(first * second)
            }
        };
        (values, Some(rank))
    } else if layer.contains_key("lokr_w1") || layer.contains_key("lokr_w1_a") {
        lokr(&matrix, &tensor, layer)?
    } else if let Some(diff) = layer.get("diff") {
        return Ok(Some((diff.values().map_err(|error| error.to_string())?, 1.0)));
    } else if layer.contains_key("diff_b") {
        return Ok(None);
    } else {
        return Err("it is of no known kind of LoRA".into());
    };
    let alpha = match layer.get("alpha") {
        Some(alpha) => alpha.values().map_err(|error| error.to_string())?.first().copied(),
        None => None,
    };
    let scale = match (alpha, rank) {
        (Some(alpha), Some(rank)) if rank > 0 => alpha / rank as f32,
        _ => 1.0,
    };
    Ok(Some((values, scale)))
}

type Read<'a, T> = dyn Fn(&str) -> Result<Option<T>, String> + 'a;

fn lokr(
    matrix: &Read<'_, Array2<f32>>,
    tensor: &Read<'_, Array4<f32>>,
    layer: &Layer,
) -> Result<(Vec<f32>, Option<usize>), String> {
    let wanted = |name: &str| matrix(name)?.ok_or_else(|| format!("the tensor {name} is missing"));
    let mut rank = None;
    let first = match matrix("lokr_w1")? {
        Some(whole) => whole,
        None => {
            let right = wanted("lokr_w1_b")?;
            rank = Some(right.nrows());
            product(&wanted("lokr_w1_a")?, &right)?
        }
    };
    if let Some(right) = matrix("lokr_w2_b")? {
        rank = rank.or(Some(right.nrows()));
    }
    let second: Array4<f32> = match (tensor("lokr_t2")?, layer.get("lokr_w2")) {
        (_, Some(whole)) if whole.shape().len() == 4 => {
            tensor("lokr_w2")?.ok_or("the tensor lokr_w2 is missing")?
        }
        (_, Some(_)) => wanted("lokr_w2")?.insert_axis(Axis(2)).insert_axis(Axis(3)),
        (Some(core), None) => {
            tucker(&core, &wanted("lokr_w2_a")?.t().to_owned(), &wanted("lokr_w2_b")?.t().to_owned())?
        }
        (None, None) => {
            product(&wanted("lokr_w2_a")?, &wanted("lokr_w2_b")?)?.insert_axis(Axis(2)).insert_axis(Axis(3))
        }
    };
    // The Kronecker product of a matrix and a kernel: that of a matrix and each tap.
    let (rows, columns, height, width) = second.dim();
    let mut whole = Array4::zeros((first.nrows() * rows, first.ncols() * columns, height, width));
    for y in 0..height {
        for x in 0..width {
            let tap = second.index_axis(Axis(3), x).index_axis(Axis(2), y).to_owned();
            whole.index_axis_mut(Axis(3), x).index_axis_mut(Axis(2), y).assign(&kron(&first, &tap));
        }
    }
    Ok((flat(whole), rank))
}

/// `core [m, n, h, w]` with `left [i, m]` and `right [j, n]` to `[i, j, h, w]`.
fn tucker(core: &Array4<f32>, left: &Array2<f32>, right: &Array2<f32>) -> Result<Array4<f32>, String> {
    let (m, n, height, width) = core.dim();
    if left.ncols() != m || right.ncols() != n {
        return Err(format!("a core of {m}×{n} does not fit factors of {}×{}", left.ncols(), right.ncols()));
    }
    let mut whole = Array4::zeros((left.nrows(), right.nrows(), height, width));
    for y in 0..height {
        for x in 0..width {
            let tap = core.index_axis(Axis(3), x).index_axis(Axis(2), y).to_owned();
            whole
                .index_axis_mut(Axis(3), x)
                .index_axis_mut(Axis(2), y)
                .assign(&left.dot(&tap).dot(&right.t()));
        }
    }
    Ok(whole)
}

fn product(left: &Array2<f32>, right: &Array2<f32>) -> Result<Array2<f32>, String> {
    same(left.ncols(), right.nrows())?;
    Ok(left.dot(right))
}

fn same<T: PartialEq + std::fmt::Debug>(left: T, right: T) -> Result<(), String> {
    if left == right { Ok(()) } else { Err(format!("factors of {left:?} and {right:?} do not fit")) }
}

/// A tensor as a matrix: its first axis by the rest. A convolution's kernel is flattened.
fn matrix(weight: &Weight) -> Result<Array2<f32>, String> {
    let shape = weight.shape();
    let rows = shape.first().copied().unwrap_or(1);
    let columns = shape.iter().skip(1).product();
    let values = weight.values().map_err(|error| error.to_string())?;
    Array2::from_shape_vec((rows, columns), values).map_err(|error| error.to_string())
}

fn tensor(weight: &Weight) -> Result<Array4<f32>, String> {
    let &[a, b, c, d] = weight.shape() else {
        return Err(format!("a tensor has the shape {:?}, not 4 axes", weight.shape()));
    };
    let values = weight.values().map_err(|error| error.to_string())?;
    Array4::from_shape_vec((a, b, c, d), values).map_err(|error| error.to_string())
}

fn flat<D: ndarray::Dimension>(array: ndarray::Array<f32, D>) -> Vec<f32> {
    array.iter().copied().collect()
}

fn add(set: &mut WeightSet, name: &str, delta: &[f32], factor: f32) -> Result<(), String> {
    let weight = set.get(name).map_err(|error| error.to_string())?;
    let mut values = weight.values().map_err(|error| error.to_string())?;
    let shape = weight.shape().to_vec();
    same(values.len(), delta.len())?;
    for (value, delta) in values.iter_mut().zip(delta) {
        *value += delta * factor;
    }
    set.insert(name.into(), Weight::Owned { shape, values: Arc::new(values) });
    Ok(())
}
