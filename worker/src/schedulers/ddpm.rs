//! DDPM with the small fixed variance (Ho et al. 2020).
use serde_json::Value;

use super::ddim::AlphaTable;
use super::latents::{noise_like, weighted_sum};
use super::settings::{Defaults, Settings, Spacing};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// `ddpm`.
#[derive(Debug)]
pub(super) struct Ddpm {
    table: AlphaTable,
    timesteps: Vec<f32>,
}

impl Ddpm {
    pub(super) fn new(config: &Value, steps: usize) -> Result<Self, SchedulerError> {
        let defaults = Defaults { spacing: Spacing::Leading, clip_sample: true, ..Defaults::default() };
        let mut settings = Settings::read(config, defaults)?;
        // This sampler always ends at ᾱ = 1, whatever the configuration says.
        settings.set_alpha_to_one = true;
        if steps > settings.training_steps {
            return Err(SchedulerError::TooManySteps { name: "ddpm", most: settings.training_steps, steps });
        }
        let table = AlphaTable::new(settings);
        Ok(Self { timesteps: table.whole_timesteps(steps), table })
    }
}

impl Scheduler for Ddpm {
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
        let place = self.timesteps.iter().position(|value| *value == timestep);
        let following =
            place.and_then(|place| self.timesteps.get(place + 1)).map_or(-1, |value| *value as i64);
        let timestep = timestep as i64;
        let (alpha, next) = (self.table.at(timestep), self.table.at(following));
        let (clean, _) = self.table.parts(output, sample, alpha);
        let kept = alpha / next;
        let clean_factor = next.sqrt() * (1.0 - kept) / (1.0 - alpha);
        let sample_factor = kept.sqrt() * (1.0 - next) / (1.0 - alpha);
        let mut terms = vec![(clean_factor, &clean), (sample_factor, sample)];
        let noise;
        if timestep > 0 {
            let variance = ((1.0 - next) / (1.0 - alpha) * (1.0 - kept)).max(1e-20);
            noise = noise_like(output, generator);
            terms.push((variance.sqrt(), &noise));
        }
        Step { previous: weighted_sum(&terms), predicted_original: Some(clean) }
    }
}
