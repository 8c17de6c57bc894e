//! DEIS of order 2 in log-ρ (Zhang and Chen 2022).
use serde_json::Value;

use super::dpm_multistep::{FinalSigma, SolverSteps};
use super::latents::weighted_sum;
use super::settings::{Defaults, Settings};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

const FEW_STEPS: usize = 15;

/// `deis`, `deis_k`.
#[derive(Debug)]
pub(super) struct Deis {
    steps: SolverSteps,
    previous_epsilon: Option<Latents>,
}

impl Deis {
    pub(super) fn new(config: &Value, steps: usize, karras: bool) -> Result<Self, SchedulerError> {
        let settings = Settings::read(config, Defaults::default())?;
        Ok(Self {
            steps: SolverSteps::new(settings, steps, karras, FinalSigma::Smallest),
            previous_epsilon: None,
        })
    }
}

/// ∫ of the log-ρ Lagrange polynomial that is 1 at `node` and 0 at `other`, up to `at`.
fn antiderivative(at: f64, node: f64, other: f64) -> f64 {
    at * (at.ln() - other.ln() - 1.0) / (node.ln() - other.ln())
}

impl Scheduler for Deis {
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

    fn step(
        &mut self,
        output: &Latents,
        timestep: f32,
        sample: &Latents,
        _generator: &mut Generator,
    ) -> Step {
        let index = self.steps.index(timestep);
        let (target, here) = (self.steps.level(index + 1), self.steps.level(index));
        let clean = self.steps.original(index, output, sample);
        let epsilon = weighted_sum(&[(1.0 / here.sigma, sample), (-here.alpha / here.sigma, &clean)]);
        let count = self.steps.timesteps.len();
        let lowered = index == count - 1 && self.steps.settings.lower_order_final && count < FEW_STEPS;
        let previous = match self.previous_epsilon.as_ref().filter(|_| !lowered) {
            Some(before) => {
                let earlier = self.steps.level(index - 1);
                let rho = |level: super::dpm_multistep::Level| level.sigma / level.alpha;
                let (to, from, past) = (rho(target), rho(here), rho(earlier));
                let now = antiderivative(to, from, past) - antiderivative(from, from, past);
                let then = antiderivative(to, past, from) - antiderivative(from, past, from);
                weighted_sum(&[
                    (target.alpha / here.alpha, sample),
                    (target.alpha * now, &epsilon),
                    (target.alpha * then, before),
                ])
            }
            None => {
                let growth = (target.lambda - here.lambda).exp() - 1.0;
                weighted_sum(&[(target.alpha / here.alpha, sample), (-target.sigma * growth, &epsilon)])
            }
        };
        self.previous_epsilon = Some(epsilon);
        self.steps.advance();
        Step { previous, predicted_original: None }
    }
}
