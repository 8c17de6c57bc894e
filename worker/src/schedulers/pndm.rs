//! PNDM: Runge-Kutta steps that warm up a linear multistep method (Liu et al. 2022).
use serde_json::Value;

use super::ddim::AlphaTable;
use super::latents::weighted_sum;
use super::settings::{Defaults, Prediction, Settings, Spacing};
use super::{Latents, Scheduler, SchedulerError, Step};
use crate::random::Generator;

/// Points of history that the multistep method uses, and steps that Runge-Kutta warms up.
const ORDER: usize = 4;

/// `pndm`.
#[derive(Debug)]
pub(super) struct Pndm {
    table: AlphaTable,
    timesteps: Vec<f32>,
    /// How many of the timesteps are Runge-Kutta's; 0 when the configuration skips them.
    warm_up: Vec<i64>,
    stride: i64,
    counter: usize,
    /// Model outputs, latest last.
    history: Vec<Latents>,
    gathered: Option<Latents>,
    start: Option<Latents>,
}

impl Pndm {
    pub(super) fn new(config: &Value, steps: usize) -> Result<Self, SchedulerError> {
        let defaults = Defaults { spacing: Spacing::Leading, set_alpha_to_one: false, ..Defaults::default() };
        let settings = Settings::read(config, defaults)?;
        if steps > settings.training_steps {
            return Err(SchedulerError::TooManySteps { name: "pndm", most: settings.training_steps, steps });
        }
        let stride = (settings.training_steps / steps) as i64;
        let skip = settings.skip_prk_steps;
        let table = AlphaTable::new(settings);
        let plain: Vec<i64> =
            table.whole_timesteps(steps).into_iter().map(|timestep| timestep as i64).collect();
        let (warm_up, multistep) =
            if skip { (Vec::new(), repeat_second(&plain)) } else { with_warm_up(&plain, stride) };
        let timesteps = warm_up.iter().chain(&multistep).map(|timestep| *timestep as f32).collect();
        Ok(Self {
            table,
            timesteps,
            warm_up,
            stride,
            counter: 0,
            history: Vec::new(),
            gathered: None,
            start: None,
        })
    }

    fn move_to(&self, sample: &Latents, from: i64, to: i64, output: &Latents) -> Latents {
        let (alpha, next) = (self.table.at(from), self.table.at(to));
        let converted;
        let output = if self.table.settings.prediction == Prediction::Velocity {
            converted = weighted_sum(&[(alpha.sqrt(), output), ((1.0 - alpha).sqrt(), sample)]);
            &converted
        } else {
            output
        };
        let divisor = alpha * (1.0 - next).sqrt() + (alpha * (1.0 - alpha) * next).sqrt();
        weighted_sum(&[((next / alpha).sqrt(), sample), (-(next - alpha) / divisor, output)])
    }

    fn runge_kutta_step(&mut self, output: &Latents, timestep: i64, sample: &Latents) -> Latents {
        let to = if self.counter.is_multiple_of(2) { timestep - self.stride / 2 } else { timestep };
        let from = self.warm_up[self.counter / 4 * 4];
        let gather = |gathered: &Option<Latents>, weight: f64| match gathered {
            Some(sum) => weighted_sum(&[(1.0, sum), (weight, output)]),
            None => weighted_sum(&[(weight, output)]),
        };
        let mut direction = output.clone();
        match self.counter % 4 {
            0 => {
                self.gathered = Some(gather(&self.gathered, 1.0 / 6.0));
                self.history.push(output.clone());
                self.start = Some(sample.clone());
            }
            3 => {
                direction = gather(&self.gathered, 1.0 / 6.0);
                self.gathered = None;
            }
            _ => self.gathered = Some(gather(&self.gathered, 1.0 / 3.0)),
        }
        self.move_to(self.start.as_ref().unwrap_or(sample), from, to, &direction)
    }

    fn multistep_step(&mut self, output: &Latents, timestep: i64, sample: &Latents) -> Latents {
        let (mut from, mut to) = (timestep, timestep - self.stride);
        if self.counter == 1 {
            // The second evaluation of the first step corrects it.
            (from, to) = (timestep + self.stride, timestep);
        } else {
            let surplus = self.history.len().saturating_sub(ORDER - 1);
            self.history.drain(..surplus);
            self.history.push(output.clone());
        }
        let count = self.history.len();
        let past = |back: usize| &self.history[count - back];
        let direction = match count {
            1 if self.counter == 1 => weighted_sum(&[(0.5, output), (0.5, past(1))]),
            1 => output.clone(),
            2 => weighted_sum(&[(1.5, past(1)), (-0.5, past(2))]),
            3 => weighted_sum(&[(23.0 / 12.0, past(1)), (-16.0 / 12.0, past(2)), (5.0 / 12.0, past(3))]),
            _ => weighted_sum(&[
                (55.0 / 24.0, past(1)),
                (-59.0 / 24.0, past(2)),
                (37.0 / 24.0, past(3)),
                (-9.0 / 24.0, past(4)),
            ]),
        };
        let start = if count == 1 && self.counter == 1 { self.start.take() } else { None };
        if count == 1 && self.counter == 0 {
            self.start = Some(sample.clone());
        }
        self.move_to(start.as_ref().unwrap_or(sample), from, to, &direction)
    }
}

/// The schedule without warm-up: its second timestep is visited twice.
fn repeat_second(plain: &[i64]) -> Vec<i64> {
    let mut visited = plain.to_vec();
    if let Some(second) = plain.get(1) {
        visited.insert(1, *second);
    }
    visited
}

/// The first four timesteps expanded into Runge-Kutta's evaluations, and the rest.
fn with_warm_up(plain: &[i64], stride: i64) -> (Vec<i64>, Vec<i64>) {
    let half = stride / 2;
    // Ascending from the fourth timestep: each and its upper midpoint, without the topmost one.
    let ascending: Vec<i64> =
        plain.iter().take(ORDER).rev().flat_map(|timestep| [*timestep, *timestep + half]).collect();
    let kept = &ascending[..ascending.len().saturating_sub(1)];
    let twice: Vec<i64> = kept.iter().flat_map(|timestep| [*timestep; 2]).collect();
    let inner = twice.get(1..twice.len().saturating_sub(1)).unwrap_or_default();
    let warm_up = inner.iter().rev().copied().collect();
    (warm_up, plain.iter().skip(3).copied().collect())
}

impl Scheduler for Pndm {
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
        let previous = if self.counter < self.warm_up.len() {
            self.runge_kutta_step(output, timestep, sample)
        } else {
            self.multistep_step(output, timestep, sample)
        };
        self.counter += 1;
        Step { previous, predicted_original: None }
    }
}
