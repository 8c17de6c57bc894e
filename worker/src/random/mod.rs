//! Torch's CPU random generator: the same seed gives the same numbers.
//!
//! The engine is MT19937 (Matsumoto and Nishimura, 1998) seeded with the low 32 bits of the seed. Normal numbers
//! come in two ways, as in PyTorch's `DistributionTemplates.h`: below 16 numbers one by one in double precision
//! (Box-Muller, the second number of a pair kept for the next call), from 16 in blocks of 16 in single precision.
mod brownian;
mod mersenne_twister;
mod numpy_state;
mod pcg64;
mod seed_sequence;

pub use brownian::BrownianPath;
use mersenne_twister::MersenneTwister;
use ndarray::{ArrayD, IxDyn};
pub use numpy_state::RandomState;
pub use pcg64::Pcg64;

/// From this many numbers on, torch fills in blocks.
const BLOCK: usize = 16;

/// What `torch.Generator(device="cpu")` is.
#[derive(Debug, Clone)]
pub struct Generator {
    engine: MersenneTwister,
    cached_normal: Option<f64>,
}

impl Generator {
    /// A generator as after `manual_seed(seed)`.
    pub fn new(seed: u64) -> Self {
        // The engine takes 32 bits: torch truncates the seed in the same way.
        Self { engine: MersenneTwister::new((seed & 0xFFFF_FFFF) as u32), cached_normal: None }
    }

    /// Standard normal numbers of a shape, as `torch.randn(shape, generator=self)` in float32.
    pub fn normal(&mut self, shape: &[usize]) -> ArrayD<f32> {
        let count = shape.iter().product();
        let mut values = vec![0.0_f32; count];
        if count < BLOCK {
            for value in &mut values {
                *value = self.next_normal() as f32;
            }
        } else {
            self.fill_normal(&mut values);
        }
        ArrayD::from_shape_vec(IxDyn(shape), values).expect("the vector was made with the size of the shape")
    }

    fn fill_normal(&mut self, values: &mut [f32]) {
        for value in values.iter_mut() {
            *value = self.next_uniform();
        }
        for block in values.chunks_exact_mut(BLOCK) {
            transform_block(block);
        }
        if !values.len().is_multiple_of(BLOCK) {
            // The tail is drawn anew and overlaps the last whole block.
            let start = values.len() - BLOCK;
            let tail = &mut values[start..];
            for value in tail.iter_mut() {
                *value = self.next_uniform();
            }
            transform_block(tail);
        }
    }

    /// A float in 0…1 from 24 random bits.
    fn next_uniform(&mut self) -> f32 {
        (self.engine.next() & 0x00FF_FFFF) as f32 * (1.0 / 16_777_216.0)
    }

    /// A double in 0…1 from 53 random bits.
    fn next_uniform_double(&mut self) -> f64 {
        let high = u64::from(self.engine.next());
        let low = u64::from(self.engine.next());
        (((high << 32) | low) & ((1 << 53) - 1)) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    fn next_normal(&mut self) -> f64 {
        if let Some(value) = self.cached_normal.take() {
            return value;
        }
        let angle = 2.0 * std::f64::consts::PI * self.next_uniform_double();
        let radius = (-2.0 * (-self.next_uniform_double()).ln_1p()).sqrt();
        self.cached_normal = Some(radius * angle.sin());
        radius * angle.cos()
    }
}

/// Box-Muller over a block of 16: the first half gives radii, the second angles.
fn transform_block(block: &mut [f32]) {
    let (first, second) = block.split_at_mut(BLOCK / 2);
    for (a, b) in first.iter_mut().zip(second) {
        let radius = (-2.0 * (1.0 - *a).ln()).sqrt();
        let angle = 2.0 * std::f32::consts::PI * *b;
        *a = radius * angle.cos();
        *b = radius * angle.sin();
    }
}

#[cfg(test)]
mod tests;
