//! Trajectory consistency sampling with γ = 1, as InvokeAI runs it (Zheng et al. 2024).
use serde_json::Value;

use super::ddim::AlphaTable;
use super::latents::{noise_like, weighted_sum};
use super::lcm::distilled_steps;
use super::schedule::index_of;
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// `tcd`.
#[derive(Debug)]
pub(super) struct Tcd {
    table: AlphaTable,
    timesteps: Vec<f32>,
    index: Option<usize>,
}

impl Tcd {
    pub(super) fn new(config: &Value, steps: usize) -> Result<Self, SchedulerError> {
        let (table, timesteps) = distilled_steps(config, steps, "tcd")?;
        Ok(Self { table, timesteps, index: None })
    }
}

impl Scheduler for Tcd {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn training_steps(&self) -> usize {
        self.table.settings.training_steps
    }

    fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents {
        self.table.add_noise(original, noise, timestep)
    }

    fn scale_model_input(&mut self, sample: &Latents, _timestep: f32) -> Latents {
        sample.clone()
    }

    fn step(&mut self, output: &Latents, timestep: f32, sample: &Latents, generator: &mut Generator) -> Step {
        let index = *self.index.get_or_insert_with(|| index_of(&self.timesteps, timestep));
        self.index = Some(index + 1);
        let alpha = self.table.at(timestep as i64);
        let (clean, epsilon) = self.table.parts(output, sample, alpha);
        // With γ = 1 the trajectory is followed down to timestep 0.
        let lowest = self.table.at(0);
        let landed = weighted_sum(&[(lowest.sqrt(), &clean), ((1.0 - lowest).sqrt(), &epsilon)]);
        let previous = match self.timesteps.get(index + 1) {
            Some(next) => {
                let kept = self.table.at(*next as i64) / lowest;
                let noise = noise_like(output, generator);
                weighted_sum(&[(kept.sqrt(), &landed), ((1.0 - kept).sqrt(), &noise)])
            }
            None => landed,
        };
        Step { previous, predicted_original: None }
    }
}
