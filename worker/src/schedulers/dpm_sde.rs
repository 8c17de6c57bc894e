//! DPM-Solver++ SDE with midpoint steps in sigma space, noise from a Brownian path (k-diffusion).
use serde_json::Value;

use super::euler::scale_by_sigma;
use super::latents::weighted_sum;
use super::schedule::{
    alphas_cumprod, denoised, index_of, interpolate, karras_sigmas, spaced_timesteps, timestep_of_sigma,
    training_sigmas,
};
use super::settings::{Defaults, Settings};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::{BrownianPath, Generator};

/// `dpmpp_sde`, `dpmpp_sde_k`.
#[derive(Debug)]
pub(super) struct DpmSde {
    settings: Settings,
    timesteps: Vec<f32>,
    sigmas: Vec<f32>,
    seed: u64,
    path: Option<BrownianPath>,
    index: Option<usize>,
    /// Between the two evaluations of a step: its first sample, the sigma in its middle.
    halfway: Option<(Latents, f32)>,
}

impl DpmSde {
    pub(super) fn new(config: &Value, steps: usize, karras: bool, seed: u64) -> Result<Self, SchedulerError> {
        let settings = Settings::read(config, Defaults::k_diffusion())?;
        let table = training_sigmas(&alphas_cumprod(&settings));
        let mut timesteps = spaced_timesteps(&settings, steps);
        let mut sigmas = interpolate(&timesteps, &table);
        if karras {
            sigmas = karras_sigmas(sigmas[0], sigmas[sigmas.len() - 1], steps);
            timesteps = sigmas.iter().map(|sigma| timestep_of_sigma(*sigma, &table)).collect();
        }
        let mut visited = vec![timesteps[0] as f32];
        let mut levels = vec![sigmas[0] as f32];
        for index in 1..steps {
            visited.push(timestep_of_sigma((sigmas[index - 1] * sigmas[index]).sqrt(), &table) as f32);
            visited.push(timesteps[index] as f32);
            levels.extend([sigmas[index] as f32; 2]);
        }
        levels.push(0.0);
        Ok(Self {
            settings,
            timesteps: visited,
            sigmas: levels,
            seed,
            path: None,
            index: None,
            halfway: None,
        })
    }

    fn index(&mut self, timestep: f32) -> usize {
        *self.index.get_or_insert_with(|| index_of(&self.timesteps, timestep))
    }

    /// Unit noise for the step between two sigmas, along one path for the whole run.
    fn noise(&mut self, sample: &Latents, from: f32, to: f32) -> Latents {
        let path = self.path.get_or_insert_with(|| {
            let largest = self.sigmas.iter().copied().fold(0.0, f32::max);
            let smallest = self.sigmas.iter().copied().filter(|sigma| *sigma > 0.0).fold(largest, f32::min);
            BrownianPath::new(f64::from(smallest), f64::from(largest), self.seed, sample.shape())
        });
        let (low, high) = (from.min(to), from.max(to));
        // The path runs with growing sigma, the sampler against it.
        let sign = if from > to { -1.0 } else { 1.0 };
        let increment = path.increment(f64::from(low), f64::from(high)) * (sign / (high - low).sqrt());
        increment.into_dimensionality().expect("the path was made with the four dimensions of the latents")
    }
}

impl Scheduler for DpmSde {
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
        let sigma = self.halfway.as_ref().map_or(self.sigmas[index], |(_, middle)| *middle);
        scale_by_sigma(sample, f64::from(sigma))
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
        let first = if self.halfway.is_some() { index - 1 } else { index };
        let (sigma, next) = (self.sigmas[first], self.sigmas[first + 1]);
        // In float32 and by way of logarithms as upstream: the path is read at exactly these sigmas.
        let (t, t_next) = (-sigma.ln(), -next.ln());
        let middle = (-(t + (t_next - t) * 0.5)).exp();
        let at = if self.halfway.is_some() { middle } else { sigma };
        let original = denoised(self.settings.prediction, output, sample, f64::from(at));
        if next == 0.0 {
            // Euler's method, all the way down.
            return Step { previous: original.clone(), predicted_original: Some(original) };
        }
        let from = (-t).exp();
        let (to, start) = match self.halfway.take() {
            None => {
                self.halfway = Some((sample.clone(), middle));
                (middle, sample.clone())
            }
            Some((start, _)) => ((-t_next).exp(), start),
        };
        let up = to.min((to * to * (from * from - to * to) / (from * from)).max(0.0).sqrt());
        let down = (to * to - up * up).max(0.0).sqrt();
        let kept = f64::from(down / from);
        let noise = self.noise(sample, from, to);
        Step {
            previous: weighted_sum(&[(kept, &start), (1.0 - kept, &original), (f64::from(up), &noise)]),
            predicted_original: Some(original),
        }
    }
}
