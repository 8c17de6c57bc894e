//! DPM-Solver++ in its multistep form, order 2 (midpoint) and 3, and the SDE form of order 2 (Lu et al. 2022).
use serde_json::Value;

use super::latents::{noise_like, weighted_sum};
use super::schedule::{
    alpha_sigma, alphas_cumprod, index_of, interpolate, karras_sigmas, original, solver_timesteps,
    timestep_of_sigma, training_sigmas,
};
use super::settings::{Defaults, Settings, Spacing};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// Below this many steps the last ones fall back to lower order.
const FEW_STEPS: usize = 15;

/// Timesteps, σ/α ratios and the place in them: what the solvers over log-SNR share.
#[derive(Debug)]
pub(super) struct SolverSteps {
    pub(super) settings: Settings,
    pub(super) timesteps: Vec<f32>,
    pub(super) ratios: Vec<f32>,
    index: Option<usize>,
}

/// How a solver's schedule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FinalSigma {
    /// At no noise, or at the least of training if the configuration says so.
    Configured,
    /// At the least of training; with Karras spacing, at the last sigma again.
    Smallest,
}

impl SolverSteps {
    pub(super) fn new(settings: Settings, steps: usize, karras: bool, end: FinalSigma) -> Self {
        let table = training_sigmas(&alphas_cumprod(&settings));
        let (smallest, largest) = (f64::from(table[0]), f64::from(table[table.len() - 1]));
        let (timesteps, mut ratios) = if karras {
            let ratios = karras_sigmas(largest, smallest, steps);
            let timesteps =
                ratios.iter().map(|ratio| timestep_of_sigma(*ratio, &table).round_ties_even()).collect();
            (timesteps, ratios)
        } else {
            let timesteps = solver_timesteps(&settings, steps);
            let ratios = interpolate(&timesteps, &table);
            (timesteps, ratios)
        };
        ratios.push(match end {
            FinalSigma::Smallest if karras => ratios[ratios.len() - 1],
            FinalSigma::Configured if settings.final_sigma_zero => 0.0,
            _ => smallest,
        });
        Self {
            settings,
            timesteps: timesteps.into_iter().map(|timestep: f64| timestep as f32).collect(),
            ratios: ratios.into_iter().map(|ratio| ratio as f32).collect(),
            index: None,
        }
    }

    pub(super) fn index(&mut self, timestep: f32) -> usize {
        *self.index.get_or_insert_with(|| index_of(&self.timesteps, timestep))
    }

    pub(super) fn advance(&mut self) {
        self.index = self.index.map(|index| index + 1);
    }

    pub(super) fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents {
        let level = self.level(index_of(&self.timesteps, timestep));
        weighted_sum(&[(level.alpha, original), (level.sigma, noise)])
    }

    pub(super) fn level(&self, index: usize) -> Level {
        let (alpha, sigma) = alpha_sigma(f64::from(self.ratios[index]));
        Level { alpha, sigma, lambda: alpha.ln() - sigma.ln() }
    }

    pub(super) fn original(&self, index: usize, output: &Latents, sample: &Latents) -> Latents {
        let level = self.level(index);
        original(self.settings.prediction, output, sample, level.alpha, level.sigma)
    }
}

/// α, σ and the log of their ratio.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub(super) alpha: f64,
    pub(super) sigma: f64,
    pub(super) lambda: f64,
}

/// `dpmpp_2m`, `dpmpp_2m_k`, `dpmpp_2m_sde`, `dpmpp_2m_sde_k`, `dpmpp_3m`, `dpmpp_3m_k`.
#[derive(Debug)]
pub(super) struct DpmMultistep {
    steps: SolverSteps,
    order: usize,
    stochastic: bool,
    /// Estimates of the clean sample, latest last.
    history: Vec<Latents>,
}

impl DpmMultistep {
    pub(super) fn new(
        config: &Value,
        steps: usize,
        karras: bool,
        order: usize,
        stochastic: bool,
    ) -> Result<Self, SchedulerError> {
        let settings =
            Settings::read(config, Defaults { spacing: Spacing::Linspace, ..Defaults::default() })?;
        let steps = SolverSteps::new(settings, steps, karras, FinalSigma::Configured);
        Ok(Self { steps, order, stochastic, history: Vec::new() })
    }

    fn order_at(&self, index: usize) -> usize {
        let settings = &self.steps.settings;
        let left = self.steps.timesteps.len() - index;
        let few = settings.lower_order_final && self.steps.timesteps.len() < FEW_STEPS;
        let highest = match left {
            1 if few || settings.euler_at_final || settings.final_sigma_zero => 1,
            2 if few => 2,
            _ => 3,
        };
        highest.min(self.order).min(self.history.len())
    }
}

impl Scheduler for DpmMultistep {
    fn timesteps(&self) -> &[f32] {
        &self.steps.timesteps
    }

    fn training_steps(&self) -> usize {
        self.steps.settings.training_steps
    }

    fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents {
        self.steps.add_noise(original, noise, timestep)
    }

    fn scale_model_input(&mut self, sample: &Latents, _timestep: f32) -> Latents {
        sample.clone()
    }

    fn step(&mut self, output: &Latents, timestep: f32, sample: &Latents, generator: &mut Generator) -> Step {
        let index = self.steps.index(timestep);
        self.history.push(self.steps.original(index, output, sample));
        if self.history.len() > self.order {
            self.history.remove(0);
        }
        let order = self.order_at(index);
        let (target, here) = (self.steps.level(index + 1), self.steps.level(index));
        let h = target.lambda - here.lambda;
        let latest = &self.history[self.history.len() - 1];
        let shrink = if self.stochastic { (-h).exp() } else { 1.0 };
        // 1 − e^−h for the ODE; the SDE's drift is twice as strong.
        let gain = if self.stochastic { 1.0 - (-2.0 * h).exp() } else { 1.0 - (-h).exp() };
        let mut terms = vec![(target.sigma / here.sigma * shrink, sample), (target.alpha * gain, latest)];
        let (slope, curve);
        if order >= 2 {
            let before = &self.history[self.history.len() - 2];
            let r0 = (here.lambda - self.steps.level(index - 1).lambda) / h;
            if order == 2 {
                slope = weighted_sum(&[(1.0 / r0, latest), (-1.0 / r0, before)]);
                terms.push((0.5 * target.alpha * gain, &slope));
            } else {
                let earliest = &self.history[self.history.len() - 3];
                let r1 = (self.steps.level(index - 1).lambda - self.steps.level(index - 2).lambda) / h;
                let near = weighted_sum(&[(1.0 / r0, latest), (-1.0 / r0, before)]);
                let far = weighted_sum(&[(1.0 / r1, before), (-1.0 / r1, earliest)]);
                let share = r0 / (r0 + r1);
                slope = weighted_sum(&[(1.0 + share, &near), (-share, &far)]);
                curve = weighted_sum(&[(1.0 / (r0 + r1), &near), (-1.0 / (r0 + r1), &far)]);
                let decay = (-h).exp() - 1.0;
                terms.push((target.alpha * (decay / h + 1.0), &slope));
                terms.push((-target.alpha * ((decay + h) / (h * h) - 0.5), &curve));
            }
        }
        let noise;
        if self.stochastic {
            noise = noise_like(output, generator);
            terms.push((target.sigma * (1.0 - (-2.0 * h).exp()).sqrt(), &noise));
        }
        let previous = weighted_sum(&terms);
        self.steps.advance();
        Step { previous, predicted_original: None }
    }
}
