//! DDIM, η = 0 (Song et al. 2020), and what the ᾱ-indexed samplers share.
use serde_json::Value;

use super::latents::weighted_sum;
use super::schedule::{alphas_cumprod, original, spaced_timesteps};
use super::settings::{Defaults, Prediction, Settings, Spacing};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// ᾱ by training step, with the value past the end.
#[derive(Debug)]
pub(super) struct AlphaTable {
    pub(super) settings: Settings,
    alphas: Vec<f32>,
    last: f64,
}

impl AlphaTable {
    pub(super) fn new(settings: Settings) -> Self {
        let alphas = alphas_cumprod(&settings);
        let last = if settings.set_alpha_to_one { 1.0 } else { f64::from(alphas[0]) };
        Self { settings, alphas, last }
    }

    /// ᾱ at a timestep; below 0 the final value. As python indexes it, a timestep past the table is its end.
    pub(super) fn at(&self, timestep: i64) -> f64 {
        if timestep < 0 {
            self.last
        } else {
            f64::from(self.alphas[(timestep as usize).min(self.alphas.len() - 1)])
        }
    }

    pub(super) fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents {
        let alpha = self.at(timestep as i64);
        weighted_sum(&[(alpha.sqrt(), original), ((1.0 - alpha).sqrt(), noise)])
    }

    /// (x₀, ε) from the model's output.
    pub(super) fn parts(&self, output: &Latents, sample: &Latents, alpha: f64) -> (Latents, Latents) {
        let (root, sigma) = (alpha.sqrt(), (1.0 - alpha).sqrt());
        let mut clean = original(self.settings.prediction, output, sample, root, sigma);
        let epsilon = match self.settings.prediction {
            Prediction::Epsilon => output.clone(),
            Prediction::Sample => weighted_sum(&[(1.0 / sigma, sample), (-root / sigma, &clean)]),
            Prediction::Velocity => weighted_sum(&[(root, output), (sigma, sample)]),
        };
        if let Some(range) = self.settings.clip_sample {
            clean.mapv_inplace(|value| value.clamp(-range, range));
        }
        (clean, epsilon)
    }

    /// Whole-numbered timesteps.
    pub(super) fn whole_timesteps(&self, steps: usize) -> Vec<f32> {
        spaced_timesteps(&self.settings, steps)
            .into_iter()
            .map(|value| value.round_ties_even() as f32)
            .collect()
    }
}

/// `ddim`.
#[derive(Debug)]
pub(super) struct Ddim {
    table: AlphaTable,
    timesteps: Vec<f32>,
    stride: i64,
}

impl Ddim {
    pub(super) fn new(config: &Value, steps: usize) -> Result<Self, SchedulerError> {
        let defaults = Defaults { spacing: Spacing::Leading, clip_sample: true, ..Defaults::default() };
        let settings = Settings::read(config, defaults)?;
        if steps > settings.training_steps {
            return Err(SchedulerError::TooManySteps { name: "ddim", most: settings.training_steps, steps });
        }
        let stride = (settings.training_steps / steps) as i64;
        let table = AlphaTable::new(settings);
        Ok(Self { timesteps: table.whole_timesteps(steps), table, stride })
    }
}

impl Scheduler for Ddim {
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

    fn step(
        &mut self,
        output: &Latents,
        timestep: f32,
        sample: &Latents,
        _generator: &mut Generator,
    ) -> Step {
        let timestep = timestep as i64;
        let (alpha, next) = (self.table.at(timestep), self.table.at(timestep - self.stride));
        let (clean, epsilon) = self.table.parts(output, sample, alpha);
        Step {
            previous: weighted_sum(&[(next.sqrt(), &clean), ((1.0 - next).sqrt(), &epsilon)]),
            predicted_original: Some(clean),
        }
    }
}
