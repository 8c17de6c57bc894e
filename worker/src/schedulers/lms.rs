//! Linear multistep method of order 4 in sigma space (k-diffusion).
use std::collections::VecDeque;

use serde_json::Value;

use super::euler::SigmaSteps;
use super::latents::weighted_sum;
use super::schedule::denoised;
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

const ORDER: usize = 4;

/// `lms`, `lms_k`.
#[derive(Debug)]
pub(super) struct Lms {
    steps: SigmaSteps,
    /// Latest first.
    derivatives: VecDeque<Latents>,
}

impl Lms {
    pub(super) fn new(config: &Value, steps: usize, karras: bool) -> Result<Self, SchedulerError> {
        Ok(Self { steps: SigmaSteps::new(config, steps, karras)?, derivatives: VecDeque::new() })
    }

    /// ∫ of the Lagrange polynomial of one past point over the step; two-point panels are exact for order 4.
    fn coefficient(&self, order: usize, index: usize, current: usize) -> f64 {
        let basis = |sigma: f64| {
            (0..order).filter(|other| *other != current).fold(1.0, |product, other| {
                let node = self.steps.sigma(index - other);
                product * (sigma - node) / (self.steps.sigma(index - current) - node)
            })
        };
        let (from, to) = (self.steps.sigma(index), self.steps.sigma(index + 1));
        let (middle, half) = ((from + to) / 2.0, (to - from) / 2.0);
        let node = half / 3.0_f64.sqrt();
        half * (basis(middle - node) + basis(middle + node))
    }
}

impl Scheduler for Lms {
    fn timesteps(&self) -> &[f32] {
        &self.steps.timesteps
    }

    fn training_steps(&self) -> usize {
        self.steps.settings.training_steps
    }

    fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents {
        self.steps.add_noise(original, noise, timestep)
    }

    fn scale_model_input(&mut self, sample: &Latents, timestep: f32) -> Latents {
        self.steps.scale(sample, timestep)
    }

    fn step(
        &mut self,
        output: &Latents,
        timestep: f32,
        sample: &Latents,
        _generator: &mut Generator,
    ) -> Step {
        let index = self.steps.index(timestep);
        let sigma = self.steps.sigma(index);
        let original = denoised(self.steps.settings.prediction, output, sample, sigma);
        self.derivatives.push_front(weighted_sum(&[(1.0 / sigma, sample), (-1.0 / sigma, &original)]));
        self.derivatives.truncate(ORDER);
        // The order follows the place in the schedule even where a run began midway and has less history.
        let order = ORDER.min(index + 1);
        let mut terms = vec![(1.0, sample)];
        for (current, derivative) in self.derivatives.iter().enumerate().take(order) {
            terms.push((self.coefficient(order, index, current), derivative));
        }
        let previous = weighted_sum(&terms);
        self.steps.advance();
        Step { previous, predicted_original: Some(original) }
    }
}
