//! The denoising loop: guidance, masks, samplers (InvokeAI 6.14.2, `diffusers_pipeline.py`).
use std::sync::Arc;

use ndarray::{Array3, Array4, Axis, Zip, concatenate, s};

use super::regions::Regions;
use crate::inference::{InferenceError, NoisePredictor, Residuals};
use crate::random::Generator;
use crate::schedulers::{Latents, Plan, Scheduler};

/// How strongly the prompt pulls: the same at every step, or one value a step.
#[derive(Debug, Clone)]
pub(crate) enum Guidance {
    Constant(f32),
    PerStep(Vec<f32>),
}

impl Guidance {
    fn at(&self, step: usize) -> f32 {
        match self {
            Self::Constant(scale) => *scale,
            Self::PerStep(scales) => scales.get(step).or(scales.last()).copied().unwrap_or(1.0),
        }
    }
}

/// Where the picture may change.
#[derive(Debug, Clone)]
pub(crate) struct Mask {
    /// `[1, 1, h, w]`: 1 is denoised, 0 keeps the original.
    pub(crate) values: Array4<f32>,
    /// A place is released once the noise falls below its value, instead of being mixed.
    pub(crate) gradient: bool,
    /// For inpainting models: the latents of the picture with the hole.
    pub(crate) masked_latents: Latents,
}

/// Everything that a run needs.
pub(crate) struct Denoising<'a> {
    pub(crate) unet: Arc<dyn NoisePredictor>,
    pub(crate) scheduler: &'a mut dyn Scheduler,
    pub(crate) plan: Plan,
    /// `[1, tokens, width]`.
    pub(crate) positive: Array3<f32>,
    /// `[1, tokens, width]`.
    pub(crate) negative: Array3<f32>,
    /// Where the parts of the prompts apply, if not everywhere.
    pub(crate) regions: Option<Regions>,
    pub(crate) guidance: Guidance,
    /// Lin et al. 2023, algorithm 2; 0 is off.
    pub(crate) rescale: f32,
    pub(crate) seed: u64,
    pub(crate) latents: Latents,
    pub(crate) noise: Option<Latents>,
    pub(crate) mask: Option<Mask>,
}

/// What a listener hears: steps done, steps in all, model evaluations a step, latents to show.
pub(crate) struct Progress<'a> {
    pub(crate) done: usize,
    pub(crate) total: usize,
    pub(crate) order: usize,
    pub(crate) latents: &'a Latents,
}

/// Adds what control models say about the scaled sample: (sample, timestep, step, steps).
pub(crate) type Control<'a, E> = dyn FnMut(&Latents, f32, usize, usize) -> Result<Residuals, E> + 'a;

impl Denoising<'_> {
    /// Runs the plan. The listener may stop it by an error.
    pub(crate) fn run<E: From<InferenceError>>(
        mut self,
        control: &mut Control<'_, E>,
        listener: &mut dyn FnMut(Progress<'_>) -> Result<(), E>,
    ) -> Result<Latents, E> {
        let Some(initial) = self.plan.initial else { return Ok(self.latents) };
        let original = self.latents.clone();
        let mut latents = match &self.noise {
            Some(noise) => self.scheduler.add_noise(&original, noise, initial),
            None => original.clone(),
        };
        let inpainting_model = self.unet.input_channels() > original.dim().1;
        let mask = self.mask.take();
        let guide = mask.as_ref().filter(|_| !inpainting_model).map(|mask| MaskGuide {
            mask,
            original: &original,
            noise: self.noise.clone().unwrap_or_else(|| normal_like(&original, self.seed)),
        });
        let timesteps = std::mem::take(&mut self.plan.timesteps);
        // Samplers draw from the seed with all bits flipped, as upstream does.
        let mut generator = Generator::new(self.seed ^ 0xFFFF_FFFF);
        let (total, order) = (timesteps.len(), self.scheduler.order());
        listener(Progress { done: 0, total, order, latents: &latents })?;
        for (step, timestep) in timesteps.iter().copied().enumerate() {
            if let Some(guide) = &guide {
                latents = guide.apply(self.scheduler, latents, timestep);
            }
            let scaled = self.scheduler.scale_model_input(&latents, timestep);
            let mut residuals = control(&scaled, timestep, step, total)?;
            if let Some(regions) = &self.regions {
                residuals.regions = regions.both.clone();
            }
            let input = if inpainting_model { with_mask_channels(&scaled, mask.as_ref()) } else { scaled };
            let output = self.guided(&input, timestep, step, &residuals)?;
            let result = self.scheduler.step(&output, timestep, &latents, &mut generator);
            let shown = match (&guide, result.predicted_original) {
                (Some(guide), estimate) => {
                    let last = self.scheduler.timesteps().last().copied().unwrap_or(timestep);
                    Some(guide.apply(self.scheduler, estimate.unwrap_or(latents), last))
                }
                (None, estimate) => estimate,
            };
            latents = result.previous;
            listener(Progress { done: step + 1, total, order, latents: shown.as_ref().unwrap_or(&latents) })?;
        }
        Ok(match &mask {
            Some(mask) => mask.restore(&original, latents),
            None => latents,
        })
    }

    /// Residuals for one half of a guided batch: 0 the negative prompt's, 1 the positive one's.
    fn half(&self, residuals: &Residuals, index: usize) -> Residuals {
        let part = |tensor: &Array4<f32>| {
            if tensor.dim().0 == 1 {
                tensor.clone()
            } else {
                tensor.slice(s![index..=index, .., .., ..]).to_owned()
            }
        };
        Residuals {
            down: residuals.down.iter().map(part).collect(),
            middle: residuals.middle.as_ref().map(part),
            intrablock: residuals.intrablock.iter().map(part).collect(),
            regions: self.regions.as_ref().map(|regions| regions.half(index).to_vec()).unwrap_or_default(),
        }
    }

    /// The model's output, pulled from the negative towards the positive prompt.
    fn guided(
        &self,
        input: &Latents,
        timestep: f32,
        step: usize,
        residuals: &Residuals,
    ) -> Result<Latents, InferenceError> {
        let scale = self.guidance.at(step);
        if scale == 1.0 {
            // The negative prompt cancels out.
            return self.unet.predict(input, timestep, &self.positive, &self.half(residuals, 1));
        }
        let (negative, positive) = if self.negative.dim() == self.positive.dim() {
            let twice = concatenate(Axis(0), &[input.view(), input.view()]);
            let contexts = concatenate(Axis(0), &[self.negative.view(), self.positive.view()]);
            let (Ok(twice), Ok(contexts)) = (twice, contexts) else {
                return Err(InferenceError::BadInput("the prompts' tensors differ in shape".to_owned()));
            };
            let both = self.unet.predict(&twice, timestep, &contexts, &doubled(residuals))?;
            let half = input.dim().0;
            (both.slice(s![..half, .., .., ..]).to_owned(), both.slice(s![half.., .., .., ..]).to_owned())
        } else {
            // Prompts of different length would need masked padding in one batch.
            (
                self.unet.predict(input, timestep, &self.negative, &self.half(residuals, 0))?,
                self.unet.predict(input, timestep, &self.positive, &self.half(residuals, 1))?,
            )
        };
        let guided = Zip::from(&negative)
            .and(&positive)
            .map_collect(|negative, positive| negative + scale * (positive - negative));
        if self.rescale <= 0.0 {
            return Ok(guided);
        }
        let factor = self.rescale * (positive.std(1.0) / guided.std(1.0)) + 1.0 - self.rescale;
        Ok(guided * factor)
    }
}

struct MaskGuide<'a> {
    mask: &'a Mask,
    original: &'a Latents,
    noise: Latents,
}

impl MaskGuide<'_> {
    /// The kept part of the picture, noised to this timestep, laid over the latents.
    fn apply(&self, scheduler: &dyn Scheduler, mut latents: Latents, timestep: f32) -> Latents {
        let kept = scheduler.add_noise(self.original, &self.noise, timestep);
        let level = timestep / scheduler.training_steps() as f32;
        let gradient = self.mask.gradient;
        let mask = broadcast(&self.mask.values, &latents);
        Zip::from(&mut latents).and(&kept).and(&mask).for_each(|value, kept, mask| {
            if !gradient {
                *value = kept + mask * (*value - kept);
            } else if *mask <= level {
                *value = *kept;
            }
        });
        latents
    }
}

impl Mask {
    /// The part that was never released is the original's, exactly.
    fn restore(&self, original: &Latents, mut latents: Latents) -> Latents {
        let gradient = self.gradient;
        let mask = broadcast(&self.values, &latents);
        Zip::from(&mut latents).and(original).and(&mask).for_each(|value, original, mask| {
            if !gradient {
                *value = original + mask * (*value - original);
            } else if *mask <= 0.0 {
                *value = *original;
            }
        });
        latents
    }
}

/// A mask of one channel for every channel of the latents.
fn broadcast(mask: &Array4<f32>, latents: &Latents) -> Array4<f32> {
    mask.broadcast(latents.dim()).map_or_else(|| Array4::ones(latents.dim()), |mask| mask.to_owned())
}

/// An inpainting model's nine channels: sample, mask, masked picture.
fn with_mask_channels(scaled: &Latents, mask: Option<&Mask>) -> Latents {
    let (batch, _, rows, columns) = scaled.dim();
    let (values, picture) = match mask {
        Some(mask) => (mask.values.clone(), mask.masked_latents.clone()),
        None => (Array4::ones((batch, 1, rows, columns)), Array4::zeros(scaled.dim())),
    };
    concatenate(Axis(1), &[scaled.view(), values.view(), picture.view()]).unwrap_or_else(|_| scaled.clone())
}

/// Residuals for both halves of a guided batch. Those that already cover two stay.
fn doubled(residuals: &Residuals) -> Residuals {
    let twice = |tensor: &Array4<f32>| {
        if tensor.dim().0 == 1 {
            concatenate(Axis(0), &[tensor.view(), tensor.view()]).unwrap_or_else(|_| tensor.clone())
        } else {
            tensor.clone()
        }
    };
    Residuals {
        down: residuals.down.iter().map(twice).collect(),
        middle: residuals.middle.as_ref().map(twice),
        intrablock: residuals.intrablock.iter().map(twice).collect(),
        regions: residuals.regions.clone(),
    }
}

/// Fresh noise from a seed, for masks over latents that came noised.
fn normal_like(latents: &Latents, seed: u64) -> Latents {
    Generator::new(seed)
        .normal(latents.shape())
        .into_dimensionality()
        .expect("noise has the four dimensions of the latents it is made for")
}
