//! The samplers: numerics of diffusers 0.40 under the names and settings of InvokeAI 6.14.2
//! (`invokeai/backend/stable_diffusion/schedulers/schedulers.py`).
//!
//! - [`settings`]: a model's scheduler configuration, completed by each sampler's defaults
//! - [`schedule`]: noise levels, timesteps, Karras spacing
//! - [`plan`]: which timesteps of a schedule a part (`denoising_start`…`denoising_end`) runs
//! - one file a sampler family
mod ddim;
mod ddpm;
mod deis;
mod dpm_multistep;
mod dpm_sde;
mod dpm_singlestep;
mod er_sde;
mod euler;
mod heun;
mod kdpm2;
mod latents;
mod lcm;
mod lms;
mod names;
mod plan;
mod pndm;
mod schedule;
mod settings;
mod tcd;
mod unipc;

pub use latents::Latents;
pub use names::{SUPPORTED_SCHEDULERS, SchedulerName, create};
pub use plan::Plan;

use crate::random::Generator;

/// A sampler over one list of timesteps. It keeps the history that its method needs.
pub trait Scheduler: Send {
    /// Every timestep of the schedule, noisiest first; methods of second order list each inner evaluation.
    fn timesteps(&self) -> &[f32];

    /// Model evaluations a step (2 for Heun's and DPM-Solver-2's).
    fn order(&self) -> usize {
        1
    }

    /// Timesteps in training.
    fn training_steps(&self) -> usize;

    /// The clean latents with noise as at a timestep.
    fn add_noise(&self, original: &Latents, noise: &Latents, timestep: f32) -> Latents;

    /// What the model wants to see for a sample at a timestep.
    fn scale_model_input(&mut self, sample: &Latents, timestep: f32) -> Latents;

    /// One step: from the model's output at a timestep to the next sample.
    fn step(&mut self, output: &Latents, timestep: f32, sample: &Latents, generator: &mut Generator) -> Step;
}

/// The result of a step.
#[derive(Debug, Clone)]
pub struct Step {
    /// The next, less noisy sample.
    pub previous: Latents,
    /// The estimate of the clean latents, where the method has one.
    pub predicted_original: Option<Latents>,
}

/// Why a sampler cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// The name is not one of upstream's, or not done here.
    #[error("scheduler {name:?} is not available here; available: {}", SUPPORTED_SCHEDULERS.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The model's configuration asks for something that is not done here.
    #[error("the model's scheduler configuration has {field} = {value:?}, which is not supported")]
    Unsupported {
        /// The configuration's key.
        field: &'static str,
        /// Its value.
        value: String,
    },
    /// More steps than the schedule holds.
    #[error("{name} takes at most {most} steps, {steps} were asked for")]
    TooManySteps {
        /// The sampler.
        name: &'static str,
        /// Its limit.
        most: usize,
        /// What was asked for.
        steps: usize,
    },
}

#[cfg(test)]
mod tests;
