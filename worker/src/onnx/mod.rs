//! Builds the ONNX graph of each architecture over weights named by diffusers' state-dict keys.
//!
//! - `proto`: the messages of an ONNX file
//! - `builder`: collects nodes, declares weights as external data
//! - `layers`: what the architectures share; `winograd`: convolutions with fewer multiplications
//! - one file an architecture
mod builder;
mod image_adapter;
mod layers;
mod proto;
mod text_encoder;
mod unet;
mod vae;
pub(crate) mod winograd;

pub(crate) use builder::DeclaredWeight;
pub use builder::Model;
pub use image_adapter::image_adapter;
pub use text_encoder::text_encoder;
pub use unet::{control_net, unet};
pub use vae::{vae_decoder, vae_encoder};

use crate::inference::SeamlessAxes;
use crate::weights::WeightSet;

/// A graph of one node, to try what computes: `x [1]` to `y [1]`.
pub(crate) fn identity() -> Model {
    let set = WeightSet::default();
    let mut graph = builder::Graph::new("identity", &set, SeamlessAxes::default());
    let x = graph.float_input("x", &[builder::Dimension::Any]);
    graph.output("y", &x);
    graph.finish()
}
