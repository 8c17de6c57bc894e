//! `lblend`: two latents into one.
use ndarray::{Array4, Zip};
use schemars::JsonSchema;
use serde::Deserialize;

use super::interpolate::{Method, resize};
use super::models;
use super::picture::{luma_plane, mask_tensor};
use crate::invocation::fields::{ImageField, LatentsField};
use crate::invocation::outputs::LatentsOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Above this cosine the arc between two tensors is taken for a line.
const STRAIGHT: f64 = 0.9995;

/// Blend two latents using a given alpha. If a mask is provided, the second latents will be masked before blending.
/// Latents must have same size.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct BlendLatents {
    /// The first latents.
    #[schemars(extend("input" = "connection"))]
    latents_a: LatentsField,
    /// The second latents.
    #[schemars(extend("input" = "connection"))]
    latents_b: LatentsField,
    /// Where the second latents take the first's place.
    #[serde(default)]
    mask: Option<ImageField>,
    /// The second latents' share.
    #[serde(default = "half")]
    #[schemars(range(min = 0))]
    alpha: f64,
}

fn half() -> f64 {
    0.5
}

impl Invocation for BlendLatents {
    const TYPE: &'static str = "lblend";
    const SCHEMA_NAME: &'static str = "BlendLatentsInvocation";
    const TITLE: &'static str = "Blend Latents";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.1.0";
    type Output = LatentsOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LatentsOutput, InvocationError> {
        let first = models::latents(context, &self.latents_a.latents_name)?;
        let mut second = models::latents(context, &self.latents_b.latents_name)?;
        if first.dim() != second.dim() {
            return Err(InvocationError::BadInput("Latents to blend must be the same size.".to_owned()));
        }
        if let Some(mask) = &self.mask {
            let mask = mask_tensor(&luma_plane(&context.load_image(&mask.image_name)?));
            let (_, _, rows, columns) = first.dim();
            let mask = resize(&mask, rows, columns, Method::Bilinear { antialias: false });
            if let Some(mask) = mask.broadcast(second.dim()) {
                Zip::from(&mut second)
                    .and(&first)
                    .and(&mask)
                    .for_each(|value, first, mask| *value += mask * (first - *value));
            }
        }
        Ok(models::save_latents(context, spherical_mean(&first, &second, self.alpha), None))
    }
}

/// A point on the arc between two tensors (Shoemake 1985).
fn spherical_mean(first: &Array4<f32>, second: &Array4<f32>, share: f64) -> Array4<f32> {
    let length =
        |tensor: &Array4<f32>| tensor.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    let product: f64 = first.iter().zip(second).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    let cosine = product / (length(first) * length(second));
    // Tensors of zeros have no angle between them: upstream's result is not a number, ours a line.
    let (a, b) = if cosine.abs() <= STRAIGHT {
        let angle = cosine.acos();
        (((1.0 - share) * angle).sin() / angle.sin(), (share * angle).sin() / angle.sin())
    } else {
        (1.0 - share, share)
    };
    Zip::from(first)
        .and(second)
        .map_collect(|first, second| (a * f64::from(*first) + b * f64::from(*second)) as f32)
}
