//! Mapped weights as tensors of ONNX Runtime without a copy.
use std::ptr::NonNull;

use ort::AsPointer;
use ort::memory::{Allocator, MemoryInfo};
use ort::sys::ONNXTensorElementDataType as ElementType;
use ort::value::DynValue;

use super::InferenceError;
use crate::weights::Weight;
use crate::weights::safetensors::Element;

/// A tensor over the bytes of a mapped weight, or none where it needs to be converted first. The
/// tensor must not outlive the weight's file: a `Runner` keeps both.
#[expect(
    unsafe_code,
    reason = "ort's safe constructors own or copy their data; a mapped file of gigabytes is neither"
)]
pub(super) fn tensor(weight: &Weight, shape: &[usize]) -> Result<Option<DynValue>, InferenceError> {
    let Weight::Mapped { file, place } = weight else { return Ok(None) };
    let (kind, size) = match place.element {
        Element::F32 => (ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, 4),
        Element::F16 => (ElementType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, 2),
        _ => return Ok(None),
    };
    let bytes = file.bytes(place);
    let aligned = bytes.as_ptr().addr().is_multiple_of(size);
    if !aligned && place.element == Element::F16 {
        return Err(InferenceError::BadModel(
            "a half precision weight lies at an odd place of its file".into(),
        ));
    }
    if !aligned || cfg!(target_endian = "big") || shape.iter().product::<usize>() * size != bytes.len() {
        return Ok(None);
    }
    let memory = MemoryInfo::default();
    let dimensions: Vec<i64> = shape.iter().map(|size| *size as i64).collect();
    let mut value = std::ptr::null_mut();
    // SAFETY: pointer and length are those of a live slice, the shape needs exactly its bytes, and
    // ONNX Runtime only reads initializers.
    let value = unsafe {
        let data = bytes.as_ptr().cast_mut().cast();
        let create = ort::api().CreateTensorWithDataAsOrtValue;
        let status =
            create(memory.ptr(), data, bytes.len(), dimensions.as_ptr(), dimensions.len(), kind, &mut value);
        if !status.0.is_null() {
            (ort::api().ReleaseStatus)(status.0);
        }
        NonNull::new(value).map(|value| DynValue::from_ptr(value, Some(&Allocator::default())))
    };
    value.map(Some).ok_or_else(|| InferenceError::Runtime("a weight could not be handed over".into()))
}
