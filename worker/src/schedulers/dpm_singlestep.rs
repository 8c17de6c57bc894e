//! DPM-Solver++ in its singlestep form, order 2, midpoint (Lu et al. 2022).
use serde_json::Value;

use super::dpm_multistep::{FinalSigma, SolverSteps};
use super::latents::weighted_sum;
use super::settings::{Defaults, Settings, Spacing};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// `dpmpp_2s`, `dpmpp_2s_k`.
#[derive(Debug)]
pub(super) struct DpmSinglestep {
    steps: SolverSteps,
    orders: Vec<usize>,
    /// The sample at the start of a pair of evaluations.
    start: Option<Latents>,
    previous_estimate: Option<Latents>,
}

impl DpmSinglestep {
    pub(super) fn new(config: &Value, count: usize, karras: bool) -> Result<Self, SchedulerError> {
        let defaults = Defaults { lower_order_final: false, ..Defaults::default() };
        let mut settings = Settings::read(config, defaults)?;
        // This sampler knows no other spacing.
        settings.spacing = Spacing::Linspace;
        if !count.is_multiple_of(2) || settings.final_sigma_zero {
            settings.lower_order_final = true;
        }
        let mut orders: Vec<usize> = (0..count).map(|index| index % 2 + 1).collect();
        if (settings.lower_order_final || settings.final_sigma_zero)
            && let Some(last) = orders.last_mut()
        {
            *last = 1;
        }
        let steps = SolverSteps::new(settings, count, karras, FinalSigma::Configured);
        Ok(Self { steps, orders, start: None, previous_estimate: None })
    }
}

impl Scheduler for DpmSinglestep {
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
        let latest = self.steps.original(index, output, sample);
        let target = self.steps.level(index + 1);
        let earlier = self.previous_estimate.take().filter(|_| self.orders[index] == 2);
        let previous = if let (Some(first), Some(start)) = (earlier, &self.start) {
            let (middle, from) = (self.steps.level(index), self.steps.level(index - 1));
            let h = target.lambda - from.lambda;
            let r0 = (middle.lambda - from.lambda) / h;
            let gain = target.alpha * (1.0 - (-h).exp());
            let slope = weighted_sum(&[(1.0 / r0, &latest), (-1.0 / r0, &first)]);
            weighted_sum(&[(target.sigma / from.sigma, start), (gain, &first), (0.5 * gain, &slope)])
        } else {
            self.start = Some(sample.clone());
            let from = self.steps.level(index);
            let h = target.lambda - from.lambda;
            weighted_sum(&[(target.sigma / from.sigma, sample), (target.alpha * (1.0 - (-h).exp()), &latest)])
        };
        self.previous_estimate = Some(latest);
        self.steps.advance();
        Step { previous, predicted_original: None }
    }
}
