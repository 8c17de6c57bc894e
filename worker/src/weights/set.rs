//! The weights of one part of a model.
use std::sync::Arc;

use indexmap::IndexMap;

use super::safetensors::{Element, SafeTensors, TensorPlace};
use crate::inference::InferenceError;

/// A weight: bytes of a mapped file, or values that were computed.
#[derive(Debug, Clone)]
pub enum Weight {
    /// In a file, with the shape that the graph sees.
    Mapped {
        /// The file.
        file: Arc<SafeTensors>,
        /// Where and of which type.
        place: TensorPlace,
    },
    /// Computed: merged with a LoRA, or extended.
    Owned {
        /// Its shape.
        shape: Vec<usize>,
        /// Its values, row-major.
        values: Arc<Vec<f32>>,
    },
}

impl Weight {
    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::Mapped { place, .. } => &place.shape,
            Self::Owned { shape, .. } => shape,
        }
    }

    /// Whether it lies in its file as IEEE half precision.
    pub(crate) fn is_half(&self) -> bool {
        matches!(self, Self::Mapped { place, .. } if place.element == Element::F16)
    }

    /// Its values as float32: half precision is widened, doubles are narrowed.
    pub fn values(&self) -> Result<Vec<f32>, InferenceError> {
        let (file, place) = match self {
            Self::Owned { values, .. } => return Ok(values.as_ref().clone()),
            Self::Mapped { file, place } => (file, place),
        };
        let bytes = file.bytes(place);
        Ok(match place.element {
            Element::F32 => bytes.as_chunks().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect(),
            Element::F16 => {
                bytes.as_chunks().0.iter().map(|chunk| half::f16::from_le_bytes(*chunk).to_f32()).collect()
            }
            Element::Bf16 => {
                bytes.as_chunks().0.iter().map(|chunk| half::bf16::from_le_bytes(*chunk).to_f32()).collect()
            }
            Element::F64 => {
                bytes.as_chunks().0.iter().map(|chunk| f64::from_le_bytes(*chunk) as f32).collect()
            }
            Element::Other(_) => {
                return Err(InferenceError::BadModel("a weight is not a floating point tensor".into()));
            }
        })
    }
}

/// Weights by name.
#[derive(Debug, Clone, Default)]
pub struct WeightSet {
    weights: IndexMap<String, Weight>,
}

impl WeightSet {
    /// Adds or replaces a weight.
    pub fn insert(&mut self, name: String, weight: Weight) {
        self.weights.insert(name, weight);
    }

    /// Adds every tensor of a file, under the name that `rename` gives it, unless it gives none.
    pub fn insert_file(&mut self, file: &Arc<SafeTensors>, rename: impl Fn(&str) -> Option<String>) {
        for (name, place) in &file.tensors {
            if let Some(name) = rename(name) {
                self.insert(name, Weight::Mapped { file: file.clone(), place: place.clone() });
            }
        }
    }

    /// Whether there is a weight of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.weights.contains_key(name)
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.weights.keys().map(String::as_str)
    }

    /// The weight of this name.
    pub fn get(&self, name: &str) -> Result<&Weight, InferenceError> {
        self.weights
            .get(name)
            .ok_or_else(|| InferenceError::BadModel(format!("the model's files lack the weight {name}")))
    }

    /// Its shape.
    pub fn shape(&self, name: &str) -> Result<&[usize], InferenceError> {
        Ok(self.get(name)?.shape())
    }

    /// The bytes of all weights as float32.
    pub fn bytes(&self) -> u64 {
        self.weights
            .values()
            .map(|weight| (weight.shape().iter().product::<usize>() * size_of::<f32>()) as u64)
            .sum()
    }

    /// Appends rows to a table `[rows, width]`.
    pub fn append_rows(&mut self, name: &str, rows: &[ndarray::Array2<f32>]) -> Result<(), InferenceError> {
        if rows.is_empty() {
            return Ok(());
        }
        let table = self.get(name)?;
        let &[mut count, width] = table.shape() else {
            return Err(InferenceError::BadModel(format!("{name} is not a table")));
        };
        let mut values = table.values()?;
        for rows in rows {
            if rows.ncols() != width {
                let reason = format!("an embedding is {} wide, the model's are {width}", rows.ncols());
                return Err(InferenceError::BadModel(reason));
            }
            count += rows.nrows();
            values.extend(rows.iter());
        }
        self.insert(name.into(), Weight::Owned { shape: vec![count, width], values: Arc::new(values) });
        Ok(())
    }
}
