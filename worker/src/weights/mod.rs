//! A model's weights where they lie: names, shapes and bytes of `.safetensors` files.
//!
//! - [`safetensors`]: the file format, strictly read
//! - [`WeightSet`]: the weights of one part of a model under diffusers' names
//! - [`layout`]: diffusers folders and single files to a `WeightSet` and its [`config`]
//! - `checkpoint`: the names of a single-file SD1 checkpoint
//! - [`lora`]: patches merged into a set, [`embedding`]: textual inversions
pub mod config;
pub mod embedding;
pub mod layout;
pub mod lora;
pub mod safetensors;

mod checkpoint;
mod set;

pub use set::{Weight, WeightSet};
