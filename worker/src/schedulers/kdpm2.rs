//! DPM-Solver-2 in sigma space and its ancestral form (Karras et al. 2022; k-diffusion).
use serde_json::Value;

use super::euler::{ancestral_split, scale_by_sigma};
use super::latents::{noise_like, weighted_sum};
use super::schedule::{
    alphas_cumprod, denoised, index_of, interpolate, karras_sigmas, spaced_timesteps, timestep_of_sigma,
    training_sigmas,
};
use super::settings::{Defaults, Settings};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// `kdpm_2`, `kdpm_2_k`, `kdpm_2_a`, `kdpm_2_a_k`.
#[derive(Debug)]
pub(super) struct Kdpm2 {
    settings: Settings,
    timesteps: Vec<f32>,
    legs: Vec<Leg>,
    index: Option<usize>,
    /// The sample at the start of the step, between its two evaluations.
    start: Option<Latents>,
    ancestral: bool,
}

/// One step: from a sigma, through the middle, down to a level, then noise up.
#[derive(Debug, Clone, Copy)]
struct Leg {
    sigma: f64,
    middle: f64,
    down: f64,
    up: f64,
}

impl Kdpm2 {
    pub(super) fn new(
        config: &Value,
        steps: usize,
        karras: bool,
        ancestral: bool,
    ) -> Result<Self, SchedulerError> {
        let settings = Settings::read(config, Defaults::k_diffusion())?;
        let table = training_sigmas(&alphas_cumprod(&settings));
        let mut timesteps: Vec<f64> = spaced_timesteps(&settings, steps)
            .into_iter()
            .map(|timestep| f64::from(timestep as f32))
            .collect();
        let mut sigmas = interpolate(&timesteps, &table);
        if karras {
            sigmas = karras_sigmas(sigmas[0], sigmas[sigmas.len() - 1], steps);
            timesteps =
                sigmas.iter().map(|sigma| timestep_of_sigma(*sigma, &table).round_ties_even()).collect();
        }
        let sigmas: Vec<f64> = sigmas.into_iter().map(|sigma| f64::from(sigma as f32)).collect();
        let legs: Vec<Leg> = (0..steps)
            .map(|index| {
                let (sigma, next) = (sigmas[index], sigmas.get(index + 1).copied().unwrap_or(0.0));
                let (up, down) = if ancestral { ancestral_split(sigma, next) } else { (0.0, next) };
                // The geometric mean; 0 on the last step, which is then Euler's.
                Leg { sigma, middle: (sigma * down).sqrt(), down, up }
            })
            .collect();
        let mut visited = vec![timesteps[0] as f32];
        for (index, timestep) in timesteps.iter().enumerate().skip(1) {
            visited.push(timestep_of_sigma(legs[index - 1].middle, &table) as f32);
            visited.push(*timestep as f32);
        }
        Ok(Self { settings, timesteps: visited, legs, index: None, start: None, ancestral })
    }

    fn index(&mut self, timestep: f32) -> usize {
        *self.index.get_or_insert_with(|| index_of(&self.timesteps, timestep))
    }
}

impl Scheduler for Kdpm2 {
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
        // A middle timestep counts as the step after it.
        let leg = index_of(&self.timesteps, timestep).div_ceil(2);
        weighted_sum(&[(1.0, original), (self.legs[leg].sigma, noise)])
    }

    fn scale_model_input(&mut self, sample: &Latents, timestep: f32) -> Latents {
        let index = self.index(timestep);
        let leg = self.legs[index / 2];
        scale_by_sigma(
            sample,
            if self.start.is_none() { self.legs[index.div_ceil(2)].sigma } else { leg.middle },
        )
    }

    fn step(&mut self, output: &Latents, timestep: f32, sample: &Latents, generator: &mut Generator) -> Step {
        let index = self.index(timestep);
        self.index = Some(index + 1);
        let leg = self.legs[if self.start.is_none() { index.div_ceil(2) } else { index / 2 }];
        let at = if self.start.is_none() { leg.sigma } else { leg.middle };
        let original = denoised(self.settings.prediction, output, sample, at);
        let derivative = weighted_sum(&[(1.0 / at, sample), (-1.0 / at, &original)]);
        let previous = match self.start.take() {
            None => {
                self.start = Some(sample.clone());
                weighted_sum(&[(1.0, sample), (leg.middle - leg.sigma, &derivative)])
            }
            Some(start) if self.ancestral => {
                let noise = noise_like(output, generator);
                weighted_sum(&[(1.0, &start), (leg.down - leg.sigma, &derivative), (leg.up, &noise)])
            }
            Some(start) => weighted_sum(&[(1.0, &start), (leg.down - leg.sigma, &derivative)]),
        };
        Step { previous, predicted_original: Some(original) }
    }
}
