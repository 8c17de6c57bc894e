//! Heun's method of order 2 in sigma space (Karras et al. 2022).
use serde_json::Value;

use super::euler::scale_by_sigma;
use super::latents::weighted_sum;
use super::schedule::{
    alphas_cumprod, denoised, index_of, interpolate, karras_sigmas, spaced_timesteps, timestep_of_sigma,
    training_sigmas,
};
use super::settings::{Defaults, Settings};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// `heun`, `heun_k`.
#[derive(Debug)]
pub(super) struct Heun {
    settings: Settings,
    timesteps: Vec<f32>,
    sigmas: Vec<f32>,
    index: Option<usize>,
    halfway: Option<Halfway>,
}

/// Between the two evaluations of a step.
#[derive(Debug)]
struct Halfway {
    sample: Latents,
    derivative: Latents,
    width: f64,
}

impl Heun {
    pub(super) fn new(config: &Value, steps: usize, karras: bool) -> Result<Self, SchedulerError> {
        let settings = Settings::read(config, Defaults::k_diffusion())?;
        let table = training_sigmas(&alphas_cumprod(&settings));
        let mut timesteps: Vec<f64> = spaced_timesteps(&settings, steps)
            .into_iter()
            .map(|timestep| f64::from(timestep as f32))
            .collect();
        let mut sigmas = interpolate(&timesteps, &table);
        if karras {
            sigmas = karras_sigmas(sigmas[0], sigmas[sigmas.len() - 1], steps);
            timesteps = sigmas.iter().map(|sigma| timestep_of_sigma(*sigma, &table)).collect();
        }
        let mut sigmas = doubled(&sigmas);
        sigmas.push(0.0);
        Ok(Self { settings, timesteps: doubled(&timesteps), sigmas, index: None, halfway: None })
    }

    fn index(&mut self, timestep: f32) -> usize {
        *self.index.get_or_insert_with(|| index_of(&self.timesteps, timestep))
    }
}

/// All but the first twice.
fn doubled(values: &[f64]) -> Vec<f32> {
    let twice = values.iter().flat_map(|value| [*value as f32; 2]);
    twice.skip(1).collect()
}

impl Scheduler for Heun {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn order(&self) -> usize {
        2
    }

    fn training_steps(&self) -> usize {
        self.settings.training_steps
    }

    fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents {
        let sigma = f64::from(self.sigmas[index_of(&self.timesteps, timestep)]);
        weighted_sum(&[(1.0, original), (sigma, noise)])
    }

    fn scale_model_input(&mut self, sample: &Latents, timestep: f32) -> Latents {
        let index = self.index(timestep);
        scale_by_sigma(sample, f64::from(self.sigmas[index]))
    }

    fn step(
        &mut self,
        output: &Latents,
        timestep: f32,
        sample: &Latents,
        _generator: &mut Generator,
    ) -> Step {
        let index = self.index(timestep);
        self.index = Some(index + 1);
        let sigma = f64::from(self.sigmas[index]);
        let mut original = denoised(self.settings.prediction, output, sample, sigma);
        if let Some(range) = self.settings.clip_sample {
            original.mapv_inplace(|value| value.clamp(-range, range));
        }
        let derivative = weighted_sum(&[(1.0 / sigma, sample), (-1.0 / sigma, &original)]);
        let previous = match self.halfway.take() {
            None => {
                let width = f64::from(self.sigmas[index + 1]) - sigma;
                let previous = weighted_sum(&[(1.0, sample), (width, &derivative)]);
                self.halfway = Some(Halfway { sample: sample.clone(), derivative, width });
                previous
            }
            Some(half) => weighted_sum(&[
                (1.0, &half.sample),
                (half.width / 2.0, &half.derivative),
                (half.width / 2.0, &derivative),
            ]),
        };
        Step { previous, predicted_original: Some(original) }
    }
}
