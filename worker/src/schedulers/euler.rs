//! Euler's method on the probability flow ODE, and its ancestral form (Karras et al. 2022; k-diffusion).
use serde_json::Value;

use super::latents::{noise_like, weighted_sum};
use super::schedule::{
    alphas_cumprod, denoised, index_of, interpolate, karras_sigmas, spaced_timesteps, timestep_of_sigma,
    training_sigmas,
};
use super::settings::{Defaults, Settings};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// Timesteps with their sigmas and a place in them: what the sigma-space methods of first order share.
#[derive(Debug)]
pub(super) struct SigmaSteps {
    pub(super) settings: Settings,
    pub(super) timesteps: Vec<f32>,
    pub(super) sigmas: Vec<f32>,
    index: Option<usize>,
}

impl SigmaSteps {
    pub(super) fn new(config: &Value, steps: usize, karras: bool) -> Result<Self, SchedulerError> {
        let settings = Settings::read(config, Defaults::default())?;
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
        sigmas.push(0.0);
        Ok(Self {
            settings,
            timesteps: timesteps.into_iter().map(|timestep| timestep as f32).collect(),
            sigmas: sigmas.into_iter().map(|sigma| sigma as f32).collect(),
            index: None,
        })
    }

    /// The place in the schedule, found by the first timestep seen.
    pub(super) fn index(&mut self, timestep: f32) -> usize {
        *self.index.get_or_insert_with(|| index_of(&self.timesteps, timestep))
    }

    pub(super) fn advance(&mut self) {
        self.index = self.index.map(|index| index + 1);
    }

    pub(super) fn sigma(&self, index: usize) -> f64 {
        f64::from(self.sigmas[index])
    }

    pub(super) fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents {
        weighted_sum(&[(1.0, original), (self.sigma(index_of(&self.timesteps, timestep)), noise)])
    }

    pub(super) fn scale(&mut self, sample: &Latents, timestep: f32) -> Latents {
        let index = self.index(timestep);
        scale_by_sigma(sample, self.sigma(index))
    }
}

/// A sample of sigma space as the model, trained on unit variance, wants it.
pub(super) fn scale_by_sigma(sample: &Latents, sigma: f64) -> Latents {
    weighted_sum(&[(1.0 / (sigma * sigma + 1.0).sqrt(), sample)])
}

/// `euler`, `euler_k`.
#[derive(Debug)]
pub(super) struct Euler(SigmaSteps);

impl Euler {
    pub(super) fn new(config: &Value, steps: usize, karras: bool) -> Result<Self, SchedulerError> {
        let mut steps = SigmaSteps::new(config, steps, karras)?;
        if !steps.settings.final_sigma_zero {
            let smallest = training_sigmas(&alphas_cumprod(&steps.settings))[0];
            if let Some(last) = steps.sigmas.last_mut() {
                *last = smallest;
            }
        }
        Ok(Self(steps))
    }
}

impl Scheduler for Euler {
    fn timesteps(&self) -> &[f32] {
        &self.0.timesteps
    }

    fn training_steps(&self) -> usize {
        self.0.settings.training_steps
    }

    fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents {
        self.0.add_noise(original, noise, timestep)
    }

    fn scale_model_input(&mut self, sample: &Latents, timestep: f32) -> Latents {
        self.0.scale(sample, timestep)
    }

    fn step(
        &mut self,
        output: &Latents,
        timestep: f32,
        sample: &Latents,
        _generator: &mut Generator,
    ) -> Step {
        let index = self.0.index(timestep);
        let (sigma, next) = (self.0.sigma(index), self.0.sigma(index + 1));
        let original = denoised(self.0.settings.prediction, output, sample, sigma);
        let slope = (next - sigma) / sigma;
        self.0.advance();
        Step {
            previous: weighted_sum(&[(1.0 + slope, sample), (-slope, &original)]),
            predicted_original: Some(original),
        }
    }
}

/// `euler_a`.
#[derive(Debug)]
pub(super) struct EulerAncestral(SigmaSteps);

impl EulerAncestral {
    pub(super) fn new(config: &Value, steps: usize) -> Result<Self, SchedulerError> {
        Ok(Self(SigmaSteps::new(config, steps, false)?))
    }
}

impl Scheduler for EulerAncestral {
    fn timesteps(&self) -> &[f32] {
        &self.0.timesteps
    }

    fn training_steps(&self) -> usize {
        self.0.settings.training_steps
    }

    fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents {
        self.0.add_noise(original, noise, timestep)
    }

    fn scale_model_input(&mut self, sample: &Latents, timestep: f32) -> Latents {
        self.0.scale(sample, timestep)
    }

    fn step(&mut self, output: &Latents, timestep: f32, sample: &Latents, generator: &mut Generator) -> Step {
        let index = self.0.index(timestep);
        let (sigma, next) = (self.0.sigma(index), self.0.sigma(index + 1));
        let original = denoised(self.0.settings.prediction, output, sample, sigma);
        let (up, down) = ancestral_split(sigma, next);
        let slope = (down - sigma) / sigma;
        let noise = noise_like(output, generator);
        self.0.advance();
        Step {
            previous: weighted_sum(&[(1.0 + slope, sample), (-slope, &original), (up, &noise)]),
            predicted_original: Some(original),
        }
    }
}

/// The noise to add and the level to step down to, which together reach the next sigma.
pub(super) fn ancestral_split(sigma: f64, next: f64) -> (f64, f64) {
    let up = (next * next * (sigma * sigma - next * next) / (sigma * sigma)).max(0.0).sqrt();
    (up, (next * next - up * up).max(0.0).sqrt())
}
