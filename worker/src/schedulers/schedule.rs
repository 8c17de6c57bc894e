//! Noise levels over the training steps, and the timesteps that a sampler visits.
use super::Latents;
use super::latents::weighted_sum;
use super::settings::{BetaSchedule, Prediction, Settings, Spacing};

/// ᾱ of every training step, in float32 as torch's `cumprod` gives it.
pub(super) fn alphas_cumprod(settings: &Settings) -> Vec<f32> {
    let mut betas = betas(settings);
    if settings.rescale_zero_snr {
        rescale_to_zero_snr(&mut betas);
    }
    let mut product = 1.0_f64;
    betas
        .iter()
        .map(|beta| {
            product *= f64::from(1.0 - beta);
            product as f32
        })
        .collect()
}

fn betas(settings: &Settings) -> Vec<f32> {
    let steps = settings.training_steps;
    match settings.beta_schedule {
        BetaSchedule::Linear => linspace(settings.beta_start as f32, settings.beta_end as f32, steps),
        BetaSchedule::ScaledLinear => {
            let roots = linspace(settings.beta_start.sqrt() as f32, settings.beta_end.sqrt() as f32, steps);
            roots.into_iter().map(|root| root * root).collect()
        }
        BetaSchedule::SquaredCosine => {
            let level = |t: f64| ((t + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2).cos().powi(2);
            let steps = steps as f64;
            (0..settings.training_steps)
                .map(|index| index as f64)
                .map(|index| (1.0 - level((index + 1.0) / steps) / level(index / steps)).min(0.999) as f32)
                .collect()
        }
    }
}

/// Lin et al. 2023, algorithm 1: the last training step holds no signal.
fn rescale_to_zero_snr(betas: &mut [f32]) {
    let mut product = 1.0_f32;
    let roots: Vec<f32> = betas
        .iter()
        .map(|beta| {
            product *= 1.0 - beta;
            product.sqrt()
        })
        .collect();
    let (Some(first), Some(last)) = (roots.first().copied(), roots.last().copied()) else { return };
    let bars: Vec<f32> = roots.iter().map(|root| ((root - last) * first / (first - last)).powi(2)).collect();
    for (index, beta) in betas.iter_mut().enumerate() {
        *beta = 1.0 - if index == 0 { bars[0] } else { bars[index] / bars[index - 1] };
    }
}

/// As `torch.linspace`: the second half counts down from the end.
fn linspace(start: f32, end: f32, count: usize) -> Vec<f32> {
    let step = (end - start) / (count as f32 - 1.0);
    (0..count)
        .map(|index| {
            if index < count / 2 {
                start + step * index as f32
            } else {
                end - step * (count - index - 1) as f32
            }
        })
        .collect()
}

/// σ = √((1 − ᾱ)/ᾱ) of every training step.
pub(super) fn training_sigmas(alphas_cumprod: &[f32]) -> Vec<f32> {
    alphas_cumprod.iter().map(|alpha| ((1.0 - alpha) / alpha).sqrt()).collect()
}

/// The timesteps of samplers that visit `steps` points including both ends.
pub(super) fn spaced_timesteps(settings: &Settings, steps: usize) -> Vec<f64> {
    let training = settings.training_steps as f64;
    match settings.spacing {
        Spacing::Linspace => descending_linspace(training - 1.0, steps),
        Spacing::Leading => leading(settings.training_steps / steps, steps, settings.steps_offset),
        Spacing::Trailing => trailing(training, steps),
    }
}

/// The timesteps of the multistep solvers, which leave the lowest of `steps + 1` points out.
pub(super) fn solver_timesteps(settings: &Settings, steps: usize) -> Vec<f64> {
    let training = settings.training_steps as f64;
    let mut timesteps = match settings.spacing {
        Spacing::Linspace => descending_linspace(training - 1.0, steps + 1),
        Spacing::Leading => leading(settings.training_steps / (steps + 1), steps + 1, settings.steps_offset),
        Spacing::Trailing => return trailing(training, steps),
    };
    timesteps.pop();
    timesteps.iter_mut().for_each(|timestep| *timestep = timestep.round_ties_even());
    timesteps
}

fn descending_linspace(top: f64, count: usize) -> Vec<f64> {
    let step = if count > 1 { top / (count - 1) as f64 } else { 0.0 };
    let mut points: Vec<f64> = (0..count).map(|index| index as f64 * step).collect();
    if count > 1 {
        points[count - 1] = top;
    }
    points.reverse();
    points
}

fn leading(ratio: usize, count: usize, offset: f64) -> Vec<f64> {
    (0..count).rev().map(|index| (index * ratio) as f64 + offset).collect()
}

fn trailing(training: f64, steps: usize) -> Vec<f64> {
    let ratio = training / steps as f64;
    let count = (training / ratio).ceil() as usize;
    (0..count).map(|index| (training - index as f64 * ratio).round_ties_even() - 1.0).collect()
}

/// Linear interpolation in the table of training values at fractional timesteps.
pub(super) fn interpolate(timesteps: &[f64], table: &[f32]) -> Vec<f64> {
    timesteps
        .iter()
        .map(|timestep| {
            let last = table.len() - 1;
            let position = timestep.clamp(0.0, last as f64);
            let low = (position.floor() as usize).min(last.saturating_sub(1));
            let (from, to) = (f64::from(table[low]), f64::from(table[(low + 1).min(last)]));
            from + (to - from) * (position - low as f64)
        })
        .collect()
}

/// Karras et al. 2022, equation 5, ρ = 7, from the largest sigma down.
pub(super) fn karras_sigmas(largest: f64, smallest: f64, steps: usize) -> Vec<f64> {
    const RHO: f64 = 7.0;
    let (from, to) = (largest.powf(1.0 / RHO), smallest.powf(1.0 / RHO));
    let span = steps.saturating_sub(1).max(1) as f64;
    (0..steps).map(|index| (from + index as f64 / span * (to - from)).powf(RHO)).collect()
}

/// The fractional training step whose log sigma this is.
pub(super) fn timestep_of_sigma(sigma: f64, training_sigmas: &[f32]) -> f64 {
    let wanted = sigma.max(1e-10).ln();
    let log = |index: usize| f64::from(training_sigmas[index].ln());
    let below = training_sigmas.partition_point(|level| f64::from(level.ln()) <= wanted);
    let low = below.saturating_sub(1).min(training_sigmas.len() - 2);
    let weight = ((log(low) - wanted) / (log(low) - log(low + 1))).clamp(0.0, 1.0);
    (1.0 - weight) * low as f64 + weight * (low + 1) as f64
}

/// Position of a timestep in a schedule; of two equal ones the second, so that a run that starts midway skips none.
pub(super) fn index_of(timesteps: &[f32], timestep: f32) -> usize {
    let mut places =
        timesteps.iter().enumerate().filter(|(_, value)| **value == timestep).map(|(index, _)| index);
    let first = places.next();
    places.next().or(first).unwrap_or(timesteps.len().saturating_sub(1))
}

/// The clean sample that a model's output stands for, where the sample is x = x₀ + σ·ε.
pub(super) fn denoised(prediction: Prediction, output: &Latents, sample: &Latents, sigma: f64) -> Latents {
    match prediction {
        Prediction::Epsilon => weighted_sum(&[(1.0, sample), (-sigma, output)]),
        Prediction::Sample => output.clone(),
        Prediction::Velocity => {
            let square = sigma * sigma + 1.0;
            weighted_sum(&[(-sigma / square.sqrt(), output), (1.0 / square, sample)])
        }
    }
}

/// The clean sample that a model's output stands for, where the sample is x = α·x₀ + σ·ε.
pub(super) fn original(
    prediction: Prediction,
    output: &Latents,
    sample: &Latents,
    alpha: f64,
    sigma: f64,
) -> Latents {
    match prediction {
        Prediction::Epsilon => weighted_sum(&[(1.0 / alpha, sample), (-sigma / alpha, output)]),
        Prediction::Sample => output.clone(),
        Prediction::Velocity => weighted_sum(&[(alpha, sample), (-sigma, output)]),
    }
}

/// (α, σ) of a variance-preserving sample from σ/α.
pub(super) fn alpha_sigma(ratio: f64) -> (f64, f64) {
    let alpha = 1.0 / (ratio * ratio + 1.0).sqrt();
    (alpha, ratio * alpha)
}
