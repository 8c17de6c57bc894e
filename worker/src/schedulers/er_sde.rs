//! ER-SDE solver of order 3 on the variance-preserving SDE (Cui et al. 2023, SDE 5).
use serde_json::Value;

use super::dpm_multistep::{FinalSigma, SolverSteps};
use super::latents::{noise_like, weighted_sum};
use super::settings::{BetaSchedule, Defaults, Settings};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

const ORDER: usize = 3;
/// Rectangles in each integral, as upstream takes them.
const RECTANGLES: usize = 100;

/// `er_sde`.
#[derive(Debug)]
pub(super) struct ErSde {
    steps: SolverSteps,
    /// (estimate of the clean sample, its σ/α), latest last.
    history: Vec<(Latents, f64)>,
}

impl ErSde {
    pub(super) fn new(config: &Value, steps: usize) -> Result<Self, SchedulerError> {
        let defaults = Defaults { beta_schedule: BetaSchedule::ScaledLinear, ..Defaults::k_diffusion() };
        let mut settings = Settings::read(config, defaults)?;
        settings.final_sigma_zero = true;
        settings.rescale_zero_snr = false;
        Ok(Self {
            steps: SolverSteps::new(settings, steps, false, FinalSigma::Configured),
            history: Vec::new(),
        })
    }
}

/// The noise scale function of the SDE.
fn noise_scale(ratio: f64) -> f64 {
    ratio * (ratio.powf(0.3).exp() + 10.0)
}

/// Left Riemann sum from `next` up to `current` of a numerator over the noise scale.
fn integral(next: f64, current: f64, numerator: impl Fn(f64) -> f64) -> f64 {
    let width = (current - next) / RECTANGLES as f64;
    if width <= 0.0 {
        return 0.0;
    }
    (0..RECTANGLES)
        .map(|index| next + index as f64 * width)
        .map(|ratio| width * numerator(ratio) / noise_scale(ratio))
        .sum()
}

impl Scheduler for ErSde {
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
        let (current, next) = (f64::from(self.steps.ratios[index]), f64::from(self.steps.ratios[index + 1]));
        self.history.push((self.steps.original(index, output, sample), current));
        if self.history.len() > ORDER {
            self.history.remove(0);
        }
        let (from, to) = (self.steps.level(index).alpha, self.steps.level(index + 1).alpha);
        let kept = noise_scale(next) / noise_scale(current);
        let (latest, _) = &self.history[self.history.len() - 1];
        let mut terms = vec![(to / from * kept, sample), (to * (1.0 - kept), latest)];
        let (noise, slope, curve);
        if next > 0.0 {
            noise = noise_like(output, generator);
            terms.push(((next * next - current * current * kept * kept).max(0.0).sqrt() * to, &noise));
        }
        let past = self.history.len();
        if next > 0.0 && past >= 2 {
            let (before, before_ratio) = &self.history[past - 2];
            let width = current - before_ratio;
            slope = weighted_sum(&[(1.0 / width, latest), (-1.0 / width, before)]);
            let area = integral(next, current, |_| 1.0);
            terms.push((to * (next - current + area * noise_scale(next)), &slope));
            if past >= 3 {
                let (earliest, earliest_ratio) = &self.history[past - 3];
                let width = before_ratio - earliest_ratio;
                let old = weighted_sum(&[(1.0 / width, before), (-1.0 / width, earliest)]);
                let span = current - earliest_ratio;
                curve = weighted_sum(&[(2.0 / span, &slope), (-2.0 / span, &old)]);
                let area = integral(next, current, |ratio| ratio - current);
                terms.push((to * ((next - current).powi(2) / 2.0 + area * noise_scale(next)), &curve));
            }
        }
        let previous = weighted_sum(&terms);
        self.steps.advance();
        Step { previous, predicted_original: None }
    }
}
