//! UniPC of order 2 with B(h) = e^h − 1, predicting the clean sample (Zhao et al. 2023).
use serde_json::Value;

use super::dpm_multistep::{FinalSigma, SolverSteps};
use super::latents::weighted_sum;
use super::settings::{Defaults, Settings};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

const ORDER: usize = 2;

/// `unipc`, `unipc_k`.
#[derive(Debug)]
pub(super) struct UniPc {
    steps: SolverSteps,
    /// Estimates of the clean sample, latest last.
    history: Vec<Latents>,
    last: Option<LastStep>,
}

/// What the corrector needs of the step before.
#[derive(Debug)]
struct LastStep {
    sample: Latents,
    order: usize,
}

impl UniPc {
    pub(super) fn new(config: &Value, steps: usize, karras: bool) -> Result<Self, SchedulerError> {
        let settings = Settings::read(config, Defaults::default())?;
        let steps = SolverSteps::new(settings, steps, karras, FinalSigma::Configured);
        Ok(Self { steps, history: Vec::new(), last: None })
    }

    /// The sample again, now that the model has seen it.
    fn correct(&self, index: usize, estimate: &Latents, last: &LastStep) -> Latents {
        let (here, before) = (self.steps.level(index), self.steps.level(index - 1));
        let hh = before.lambda - here.lambda;
        let phi = hh.exp_m1();
        let reference = &self.history[self.history.len() - 1];
        let mut terms = vec![(here.sigma / before.sigma, &last.sample), (-here.alpha * phi, reference)];
        let scale = -here.alpha * phi;
        if last.order == 1 {
            terms.push((scale * 0.5, estimate));
            terms.push((-scale * 0.5, reference));
            return weighted_sum(&terms);
        }
        // Two equations: ρ₁ + ρ₂ = b₁ and r·ρ₁ + ρ₂ = b₂.
        let older = &self.history[self.history.len() - 2];
        let r = (self.steps.level(index - 2).lambda - before.lambda) / -hh;
        let first = phi / hh - 1.0;
        let second = first / hh - 0.5;
        let (b1, b2) = (first / phi, second * 2.0 / phi);
        let rho1 = (b2 - b1) / (r - 1.0);
        let rho2 = b1 - rho1;
        terms.push((scale * rho1 / r, older));
        terms.push((-scale * rho1 / r, reference));
        terms.push((scale * rho2, estimate));
        terms.push((-scale * rho2, reference));
        weighted_sum(&terms)
    }

    fn predict(&self, index: usize, sample: &Latents, order: usize) -> Latents {
        let (target, here) = (self.steps.level(index + 1), self.steps.level(index));
        let hh = here.lambda - target.lambda;
        let phi = hh.exp_m1();
        let reference = &self.history[self.history.len() - 1];
        let mut terms = vec![(target.sigma / here.sigma, sample), (-target.alpha * phi, reference)];
        if order == 2 {
            let older = &self.history[self.history.len() - 2];
            let r = (self.steps.level(index - 1).lambda - here.lambda) / -hh;
            let factor = -target.alpha * phi * 0.5 / r;
            terms.push((factor, older));
            terms.push((-factor, reference));
        }
        weighted_sum(&terms)
    }
}

impl Scheduler for UniPc {
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
        let estimate = self.steps.original(index, output, sample);
        let sample = match self.last.take().filter(|_| index > 0) {
            Some(last) => self.correct(index, &estimate, &last),
            None => sample.clone(),
        };
        self.history.push(estimate);
        if self.history.len() > ORDER {
            self.history.remove(0);
        }
        let left = self.steps.timesteps.len() - index;
        let highest = if self.steps.settings.lower_order_final { ORDER.min(left) } else { ORDER };
        let order = highest.min(self.history.len());
        let previous = self.predict(index, &sample, order);
        self.last = Some(LastStep { sample, order });
        self.steps.advance();
        Step { previous, predicted_original: None }
    }
}
