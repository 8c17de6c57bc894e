//! Which timesteps of a schedule a run goes through.
use super::Scheduler;

/// The part of a schedule between `denoising_start` and `denoising_end`, cut as InvokeAI cuts it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The timesteps to run.
    pub timesteps: Vec<f32>,
    /// The timestep whose noise level the initial latents get; `None` when nothing is left to do.
    pub initial: Option<f32>,
}

impl Plan {
    /// `start` and `end` are fractions of the way from noise (0) to image (1).
    pub fn new(scheduler: &dyn Scheduler, start: f64, end: f64) -> Self {
        let order = scheduler.order();
        let all = scheduler.timesteps();
        let whole: Vec<f32> = all.iter().copied().step_by(order).collect();
        let level =
            |fraction: f64| (scheduler.training_steps() as f64 * (1.0 - fraction)).round_ties_even() as f32;
        let at_or_above =
            |steps: &[f32], level: f32| steps.iter().filter(|timestep| **timestep >= level).count();
        let first = at_or_above(&whole, level(start));
        let count = at_or_above(&whole[first..], level(end)) * order;
        let first = first * order;
        Self {
            timesteps: all.iter().copied().skip(first).take(count).collect(),
            initial: all.get(first).copied(),
        }
    }
}
