//! Convolutions in tiles as operators of our own beside ONNX Runtime's: each is `WinogradInput`, ONNX Runtime's
//! `MatMul` with the transformed weights, and `WinogradOutput`. On a processor that is three to four times fewer
//! multiplications than its own `Conv` needs.
//!
//! - `transform`: the transforms of a plane
//! - `normal`: group normalisation and SiLU, done while a plane is read anyway
//! - `operators`: the operators
mod normal;
mod operators;
mod transform;

pub(crate) use operators::{DOMAIN, domain};
pub(crate) use transform::{Tile, filters};
