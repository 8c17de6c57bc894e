//! A model's `scheduler_config.json`, completed by the defaults of the sampler that reads it.
use serde_json::Value;

use super::SchedulerError;

/// How timesteps are spread over the training steps (Lin et al. 2023, table 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    Linspace,
    Leading,
    Trailing,
}

/// What the model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prediction {
    Epsilon,
    Sample,
    Velocity,
}

/// How noise grows over the training steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BetaSchedule {
    Linear,
    ScaledLinear,
    SquaredCosine,
}

/// The keys that samplers read.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) training_steps: usize,
    pub(super) beta_start: f64,
    pub(super) beta_end: f64,
    pub(super) beta_schedule: BetaSchedule,
    pub(super) prediction: Prediction,
    pub(super) spacing: Spacing,
    pub(super) steps_offset: f64,
    pub(super) set_alpha_to_one: bool,
    pub(super) clip_sample: Option<f32>,
    pub(super) skip_prk_steps: bool,
    pub(super) lower_order_final: bool,
    pub(super) euler_at_final: bool,
    pub(super) final_sigma_zero: bool,
    pub(super) rescale_zero_snr: bool,
    pub(super) original_inference_steps: usize,
    pub(super) timestep_scaling: f64,
}

/// What a sampler assumes for keys that the configuration lacks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults {
    pub(super) beta_start: f64,
    pub(super) beta_end: f64,
    pub(super) beta_schedule: BetaSchedule,
    pub(super) spacing: Spacing,
    pub(super) set_alpha_to_one: bool,
    pub(super) clip_sample: bool,
    pub(super) lower_order_final: bool,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            beta_start: 0.0001,
            beta_end: 0.02,
            beta_schedule: BetaSchedule::Linear,
            spacing: Spacing::Linspace,
            set_alpha_to_one: true,
            clip_sample: false,
            lower_order_final: true,
        }
    }
}

impl Defaults {
    /// As [`Defaults::default`], with the betas that most of the k-diffusion ports assume.
    pub(super) fn k_diffusion() -> Self {
        Self { beta_start: 0.00085, beta_end: 0.012, ..Self::default() }
    }
}

impl Settings {
    pub(super) fn read(config: &Value, defaults: Defaults) -> Result<Self, SchedulerError> {
        for field in ["trained_betas", "thresholding"] {
            if config.get(field).is_some_and(|value| !value.is_null() && value != &Value::Bool(false)) {
                return Err(SchedulerError::Unsupported { field, value: config[field].to_string() });
            }
        }
        let number = |field: &str, default: f64| config.get(field).and_then(Value::as_f64).unwrap_or(default);
        let flag = |field: &str, default: bool| config.get(field).and_then(Value::as_bool).unwrap_or(default);
        let beta_schedule = match text(config, "beta_schedule") {
            None => defaults.beta_schedule,
            Some("linear") => BetaSchedule::Linear,
            Some("scaled_linear") => BetaSchedule::ScaledLinear,
            Some("squaredcos_cap_v2") => BetaSchedule::SquaredCosine,
            Some(other) => return Err(unsupported("beta_schedule", other)),
        };
        let prediction = match text(config, "prediction_type") {
            None | Some("epsilon") => Prediction::Epsilon,
            Some("sample") => Prediction::Sample,
            Some("v_prediction") => Prediction::Velocity,
            Some(other) => return Err(unsupported("prediction_type", other)),
        };
        let spacing = match text(config, "timestep_spacing") {
            None => defaults.spacing,
            Some("linspace") => Spacing::Linspace,
            Some("leading") => Spacing::Leading,
            Some("trailing") => Spacing::Trailing,
            Some(other) => return Err(unsupported("timestep_spacing", other)),
        };
        Ok(Self {
            training_steps: number("num_train_timesteps", 1000.0) as usize,
            beta_start: number("beta_start", defaults.beta_start),
            beta_end: number("beta_end", defaults.beta_end),
            beta_schedule,
            prediction,
            spacing,
            steps_offset: number("steps_offset", 0.0),
            set_alpha_to_one: flag("set_alpha_to_one", defaults.set_alpha_to_one),
            clip_sample: flag("clip_sample", defaults.clip_sample)
                .then(|| number("clip_sample_range", 1.0) as f32),
            skip_prk_steps: flag("skip_prk_steps", false),
            lower_order_final: flag("lower_order_final", defaults.lower_order_final),
            euler_at_final: flag("euler_at_final", false),
            final_sigma_zero: text(config, "final_sigmas_type") != Some("sigma_min"),
            rescale_zero_snr: flag("rescale_betas_zero_snr", false),
            original_inference_steps: number("original_inference_steps", 50.0) as usize,
            timestep_scaling: number("timestep_scaling", 10.0),
        })
    }
}

fn text<'a>(config: &'a Value, field: &str) -> Option<&'a str> {
    config.get(field).and_then(Value::as_str)
}

fn unsupported(field: &'static str, value: &str) -> SchedulerError {
    SchedulerError::Unsupported { field, value: value.to_owned() }
}
