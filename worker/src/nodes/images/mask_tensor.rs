//! Masks as tensors of the session: `[1, height, width]`, 1 inside.
use image::{GrayImage, Luma};
use ndarray::{Array2, Array3, Axis, Ix2, Ix3};

use crate::invocation::fields::TensorField;
use crate::invocation::outputs::MaskOutput;
use crate::invocation::{InvocationContext, InvocationError};

/// Keeps a mask; `inside` is asked for every column and row.
pub(crate) fn save_mask(
    context: &InvocationContext,
    (width, height): (u32, u32),
    inside: impl Fn(usize, usize) -> bool,
) -> MaskOutput {
    let shape = (1, height as usize, width as usize);
    let mask = Array3::from_shape_fn(shape, |(_, y, x)| f32::from(u8::from(inside(x, y))));
    let tensor_name = context.save_tensor(mask.into_dyn());
    MaskOutput { mask: TensorField { tensor_name }, width, height }
}

/// A mask by its name, as rows of columns.
///
/// # Errors
/// There is no such tensor, or it is no mask.
pub(crate) fn load_mask(context: &InvocationContext, name: &str) -> Result<Array2<bool>, InvocationError> {
    let tensor = context.load_tensor(name)?;
    let shape = tensor.shape().to_vec();
    let plane = match tensor.ndim() {
        2 => tensor.into_dimensionality::<Ix2>().ok(),
        3 if shape[0] == 1 => {
            tensor.into_dimensionality::<Ix3>().ok().map(|mask| mask.index_axis_move(Axis(0), 0))
        }
        _ => None,
    };
    let plane =
        plane.ok_or_else(|| InvocationError::BadInput(format!("a tensor of shape {shape:?} is no mask")))?;
    Ok(plane.mapv(|value| value > 0.5))
}

/// White inside, black outside.
pub(crate) fn as_picture(mask: &Array2<bool>) -> GrayImage {
    GrayImage::from_fn(mask.ncols() as u32, mask.nrows() as u32, |x, y| {
        Luma([if mask[[y as usize, x as usize]] { 255 } else { 0 }])
    })
}
