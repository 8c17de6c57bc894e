//! The header of a safetensors file: names and shapes, without reading a weight.
use super::probe::ProbeError;
use std::{collections::BTreeMap, fs::File, io::Read, path::Path};

/// A header longer than this is not a model's.
const LONGEST_HEADER: u64 = 100 << 20;

/// Names and shapes of the tensors.
#[derive(Debug, Default)]
pub(super) struct Header {
    shapes: BTreeMap<String, Vec<u64>>,
}

impl Header {
    /// Reads the header of a file.
    pub(super) fn read(path: &Path) -> Result<Self, ProbeError> {
        let mut file = File::open(path)?;
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > LONGEST_HEADER {
            return Err(ProbeError::Unrecognized("not a safetensors file".to_owned()));
        }
        let mut text = Vec::new();
        file.take(length).read_to_end(&mut text)?;
        let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&text)?;
        let shapes = fields
            .into_iter()
            .filter_map(|(name, entry)| {
                let shape =
                    entry.get("shape")?.as_array()?.iter().filter_map(serde_json::Value::as_u64).collect();
                Some((name, shape))
            })
            .collect();
        Ok(Self { shapes })
    }

    #[cfg(test)]
    pub(super) fn of(entries: &[(&str, &[u64])]) -> Self {
        Self { shapes: entries.iter().map(|(name, shape)| ((*name).to_owned(), shape.to_vec())).collect() }
    }

    /// The shape of a tensor.
    pub(super) fn shape(&self, name: &str) -> Option<&[u64]> {
        self.shapes.get(name).map(Vec::as_slice)
    }

    /// The last dimension of the first tensor that is named here.
    pub(super) fn width(&self, names: &[&str]) -> Option<u64> {
        names.iter().find_map(|name| self.shape(name)?.last().copied())
    }

    /// Whether any name satisfies a condition.
    pub(super) fn any(&self, condition: impl Fn(&str) -> bool) -> bool {
        self.shapes.keys().any(|name| condition(name))
    }

    /// All tensors, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u64])> {
        self.shapes.iter().map(|(name, shape)| (name.as_str(), shape.as_slice()))
    }

    /// How many tensors.
    pub(super) fn len(&self) -> usize {
        self.shapes.len()
    }
}
