//! Latents and the one operation on them that samplers need: a weighted sum.
use ndarray::{Array4, Zip};

use crate::random::Generator;

/// `[batch, channels, height, width]`.
pub type Latents = Array4<f32>;

/// Σ factor · tensor, added up in double precision.
pub(super) fn weighted_sum(terms: &[(f64, &Latents)]) -> Latents {
    let Some((first, rest)) = terms.split_first() else {
        unreachable!("a sum has terms");
    };
    let mut sum = first.1.mapv(|value| f64::from(value) * first.0);
    for (factor, tensor) in rest {
        Zip::from(&mut sum).and(*tensor).for_each(|sum, value| *sum += factor * f64::from(*value));
    }
    sum.mapv(|value| value as f32)
}

/// Fresh noise of the shape of some latents.
pub(super) fn noise_like(latents: &Latents, generator: &mut Generator) -> Latents {
    generator
        .normal(latents.shape())
        .into_dimensionality()
        .expect("noise has the four dimensions of the latents it is made for")
}
