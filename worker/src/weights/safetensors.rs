//! Reads `.safetensors`: 8 bytes of header length, a JSON header, then the tensors' bytes.
//! Source: the format's description in huggingface/safetensors.
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use memmap2::Mmap;
use serde::Deserialize;

use crate::inference::InferenceError;

/// The longest header that is believed.
const MAX_HEADER: u64 = 100_000_000;

/// An element type that weights come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// IEEE 64 bit.
    F64,
    /// IEEE 32 bit.
    F32,
    /// IEEE 16 bit.
    F16,
    /// The upper half of an F32.
    Bf16,
    /// Anything else (integers, booleans, 8-bit floats), with its size in bytes.
    Other(usize),
}

impl Element {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "F64" => Self::F64,
            "F32" => Self::F32,
            "F16" => Self::F16,
            "BF16" => Self::Bf16,
            "I64" | "U64" => Self::Other(8),
            "I32" | "U32" => Self::Other(4),
            "I16" | "U16" => Self::Other(2),
            "I8" | "U8" | "BOOL" | "F8_E4M3" | "F8_E5M2" => Self::Other(1),
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Other(size) => size,
        }
    }
}

/// Where a tensor lies in the mapped file.
#[derive(Debug, Clone)]
pub struct TensorPlace {
    /// Its element type.
    pub element: Element,
    /// Its shape; empty for a scalar.
    pub shape: Vec<usize>,
    begin: usize,
    end: usize,
}

/// A mapped file.
#[derive(Debug)]
pub struct SafeTensors {
    map: Mmap,
    /// The tensors by name, in the header's order.
    pub tensors: IndexMap<String, TensorPlace>,
    /// The header's free text entries.
    pub metadata: IndexMap<String, String>,
}

#[derive(Deserialize)]
struct HeaderEntry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

impl SafeTensors {
    /// Maps a file and checks its header: every byte of the data belongs to exactly one tensor.
    pub fn open(path: &Path) -> Result<Arc<Self>, InferenceError> {
        let file = File::open(path).map_err(|source| io(path, source))?;
        let map = map(&file).map_err(|source| io(path, source))?;
        let (tensors, metadata) = header(&map)
            .map_err(|reason| InferenceError::BadModel(format!("{}: {reason}", path.display())))?;
        Ok(Arc::new(Self { map, tensors, metadata }))
    }

    /// The bytes of a tensor of this file.
    pub fn bytes(&self, place: &TensorPlace) -> &[u8] {
        &self.map[place.begin..place.end]
    }
}

#[expect(
    unsafe_code,
    reason = "a memory map is undefined if another process truncates the file; model files are not written in place"
)]
fn map(file: &File) -> std::io::Result<Mmap> {
    unsafe { Mmap::map(file) }
}

fn io(path: &Path, source: std::io::Error) -> InferenceError {
    InferenceError::Io { path: path.display().to_string(), source }
}

type Header = (IndexMap<String, TensorPlace>, IndexMap<String, String>);

fn header(file: &[u8]) -> Result<Header, String> {
    let Some((length, rest)) = file.split_first_chunk::<8>() else {
        return Err("the file is shorter than a safetensors header".into());
    };
    let length = u64::from_le_bytes(*length);
    if length > MAX_HEADER || length > rest.len() as u64 {
        return Err(format!("not a safetensors file: its header would be {length} bytes long"));
    }
    let (text, data) = rest.split_at(length as usize);
    if text.first() != Some(&b'{') {
        return Err("not a safetensors file: its header is not a JSON object".into());
    }
    let entries: IndexMap<String, serde_json::Value> =
        serde_json::from_slice(text).map_err(|reason| format!("the header is not valid: {reason}"))?;
    let start = file.len() - data.len();
    let mut metadata = IndexMap::new();
    let mut tensors = IndexMap::with_capacity(entries.len());
    for (name, value) in entries {
        if name == "__metadata__" {
            metadata =
                serde_json::from_value(value).map_err(|reason| format!("the header's metadata: {reason}"))?;
            continue;
        }
        let entry: HeaderEntry =
            serde_json::from_value(value).map_err(|reason| format!("the header's entry {name}: {reason}"))?;
        let element = Element::named(&entry.dtype)
            .ok_or_else(|| format!("{name} has the unknown type {}", entry.dtype))?;
        let size =
            entry.shape.iter().try_fold(element.size(), |size, dimension| size.checked_mul(*dimension));
        let (begin, end) = entry.data_offsets;
        if begin > end || end > data.len() {
            return Err(format!("{name} lies outside the file"));
        }
        if size != Some(end - begin) {
            return Err(format!(
                "{name} has {} bytes, its shape {:?} needs another number",
                end - begin,
                entry.shape
            ));
        }
        tensors.insert(
            name,
            TensorPlace { element, shape: entry.shape, begin: start + begin, end: start + end },
        );
    }
    let mut order: Vec<(&String, &TensorPlace)> = tensors.iter().collect();
    order.sort_by_key(|(_, place)| (place.begin, place.end));
    let mut reached = start;
    for (name, place) in order {
        if place.begin != reached {
            return Err(format!("{name} overlaps its neighbour or leaves a hole"));
        }
        reached = place.end;
    }
    if reached != file.len() {
        return Err("bytes after the last tensor".into());
    }
    Ok((tensors, metadata))
}

#[cfg(test)]
mod tests {
    use super::header;

    fn file(json: &str, data: usize) -> Vec<u8> {
        let mut file = (json.len() as u64).to_le_bytes().to_vec();
        file.extend_from_slice(json.as_bytes());
        file.extend(std::iter::repeat_n(0, data));
        file
    }

    #[test]
    fn a_well_formed_header_is_read() {
        let (tensors, metadata) = header(&file(
            r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}}"#,
            8,
        ))
        .unwrap();
        assert_eq!(tensors["a"].shape, [2, 2]);
        assert_eq!(metadata["format"], "pt");
    }

    #[test]
    fn a_header_that_lies_is_refused() {
        let cases = [
            file(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4),
            file(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3),
            file(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5),
            file(
                r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
                6,
            ),
            file(r#"{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,1]}}"#, 1),
            file(r#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0),
            file("[]", 0),
            vec![255; 20],
            vec![1, 2, 3],
        ];
        for case in cases {
            header(&case).unwrap_err();
        }
    }
}
