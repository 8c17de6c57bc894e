//! Latent consistency sampling (Luo et al. 2023).
use serde_json::Value;

use super::ddim::AlphaTable;
use super::latents::{noise_like, weighted_sum};
use super::schedule::index_of;
use super::settings::{BetaSchedule, Defaults, Settings};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// Standard deviation of the data in the boundary condition.
const SIGMA_DATA: f64 = 0.5;

/// `lcm`.
#[derive(Debug)]
pub(super) struct Lcm {
    table: AlphaTable,
    timesteps: Vec<f32>,
    index: Option<usize>,
}

impl Lcm {
    pub(super) fn new(config: &Value, steps: usize) -> Result<Self, SchedulerError> {
        let (table, timesteps) = distilled_steps(config, steps, "lcm")?;
        Ok(Self { table, timesteps, index: None })
    }
}

/// The timesteps of distilled models: a pick from the steps that the distillation used.
pub(super) fn distilled_steps(
    config: &Value,
    steps: usize,
    name: &'static str,
) -> Result<(AlphaTable, Vec<f32>), SchedulerError> {
    let defaults = Defaults { beta_schedule: BetaSchedule::ScaledLinear, ..Defaults::k_diffusion() };
    let settings = Settings::read(config, defaults)?;
    let count = settings.original_inference_steps;
    if steps > count {
        return Err(SchedulerError::TooManySteps { name, most: count, steps });
    }
    let stride = settings.training_steps / count;
    let picked = (0..steps).map(|index| (index as f64 * count as f64 / steps as f64).floor() as usize);
    let timesteps = picked.map(|place| ((count - place) * stride - 1) as f32).collect();
    Ok((AlphaTable::new(settings), timesteps))
}

impl Scheduler for Lcm {
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
        let (clean, _) = self.table.parts(output, sample, alpha);
        let scaled = f64::from(timestep) * self.table.settings.timestep_scaling;
        let square = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
        let denoised =
            weighted_sum(&[(scaled / square.sqrt(), &clean), (SIGMA_DATA * SIGMA_DATA / square, sample)]);
        let previous = match self.timesteps.get(index + 1) {
            Some(next) => {
                let next = self.table.at(*next as i64);
                let noise = noise_like(output, generator);
                weighted_sum(&[(next.sqrt(), &denoised), ((1.0 - next).sqrt(), &noise)])
            }
            None => denoised,
        };
        Step { previous, predicted_original: None }
    }
}
