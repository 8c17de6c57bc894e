//! ControlNets and T2I adapters while a picture is denoised (InvokeAI 6.14.2, `shared_invokeai_diffusion.py`).
use std::sync::Arc;

use ndarray::{Array3, Array4, Axis, concatenate, s};

use super::control_image::control_tensor;
use super::controlnet::{ControlField, ControlMode};
use super::picture::PIXELS;
use super::t2i_adapter::T2IAdapterField;
use crate::inference::{ControlNet, InferenceError, Residuals};
use crate::invocation::{InvocationContext, InvocationError};
use crate::nodes::one_or_many::OneOrMany;
use crate::schedulers::Latents;

/// How often an SD1 UNet halves its latents.
const UNET_DOWNSCALE: usize = 8;

/// When and how strongly something applies.
struct Schedule {
    weight: OneOrMany<f64>,
    begin: f64,
    end: f64,
}

impl Schedule {
    /// The weight at a step; `None` outside of its steps.
    fn at(&self, step: usize, steps: usize) -> Option<f32> {
        let first = (self.begin * steps as f64).floor() as usize;
        let last = (self.end * steps as f64).ceil() as usize;
        let weight = match &self.weight {
            OneOrMany::One(weight) => *weight,
            OneOrMany::Many(weights) => *weights.get(step).or(weights.last())?,
        };
        (first..=last).contains(&step).then_some(weight as f32)
    }
}

struct LoadedControlNet {
    model: Arc<dyn ControlNet>,
    /// `[1, 3, 8h, 8w]`.
    image: Array4<f32>,
    mode: ControlMode,
    schedule: Schedule,
}

struct LoadedAdapter {
    features: Vec<Array4<f32>>,
    schedule: Schedule,
}

/// All that steers one run beside its prompts.
#[derive(Default)]
pub(super) struct Adapters {
    control_nets: Vec<LoadedControlNet>,
    adapters: Vec<LoadedAdapter>,
}

impl Adapters {
    /// Loads models and pictures for latents of `rows` by `columns`.
    pub(super) fn load(
        context: &InvocationContext,
        controls: &[ControlField],
        adapters: &[T2IAdapterField],
        (rows, columns): (usize, usize),
    ) -> Result<Self, InvocationError> {
        let (width, height) = (columns * PIXELS, rows * PIXELS);
        let control_net = |field: &ControlField| {
            let path = context.model_path(&field.control_model)?;
            let picture = context.load_image(&field.image.image_name)?;
            Ok::<_, InvocationError>(LoadedControlNet {
                model: context
                    .loading(&field.control_model, || Ok(context.models().control_net(&path)?))?,
                image: control_tensor(&picture, width, height, field.span.resize_mode),
                mode: field.control_mode,
                schedule: Schedule {
                    weight: field.control_weight.clone(),
                    begin: field.span.begin_step_percent,
                    end: field.span.end_step_percent,
                },
            })
        };
        let adapter = |field: &T2IAdapterField| {
            let path = context.model_path(&field.t2i_adapter_model)?;
            let picture = context.load_image(&field.image.image_name)?.to_rgb8();
            let model =
                context.loading(&field.t2i_adapter_model, || Ok(context.models().image_adapter(&path)?))?;
            let tensor = control_tensor(&picture.into(), width, height, field.span.resize_mode);
            // So that features have the size of the UNet's: what stands out at odd sizes is cut off.
            let side = |latents: usize, pixels: usize| {
                pixels.min(latents / UNET_DOWNSCALE * model.total_downscale_factor())
            };
            let part = s![.., ..model.image_channels().min(3), ..side(rows, height), ..side(columns, width)];
            Ok::<_, InvocationError>(LoadedAdapter {
                features: model.features(&tensor.slice(part).to_owned())?,
                schedule: Schedule {
                    weight: field.weight.clone(),
                    begin: field.span.begin_step_percent,
                    end: field.span.end_step_percent,
                },
            })
        };
        Ok(Self {
            control_nets: controls.iter().map(control_net).collect::<Result<_, _>>()?,
            adapters: adapters.iter().map(adapter).collect::<Result<_, _>>()?,
        })
    }

    /// What is added to one step of the UNet, for the negative and the positive half of its batch.
    pub(super) fn residuals(
        &self,
        sample: &Latents,
        timestep: f32,
        (step, steps): (usize, usize),
        (negative, positive): (&Array3<f32>, &Array3<f32>),
    ) -> Result<Residuals, InferenceError> {
        let mut sum = Residuals { intrablock: self.features(sample, step, steps), ..Residuals::default() };
        for control in &self.control_nets {
            let Some(weight) = control.schedule.at(step, steps) else { continue };
            let of = |prompt: &Array3<f32>| control.model.residuals(sample, timestep, prompt, &control.image);
            let positive = weighted(of(positive)?, weight, control.mode);
            let negative = if control.mode.only_positive() {
                each(&positive, |tensor| Array4::zeros(tensor.dim()))
            } else {
                weighted(of(negative)?, weight, control.mode)
            };
            add(&mut sum, stacked(&negative, &positive)?);
        }
        Ok(sum)
    }

    /// The adapters' features, weighted and added, padded to the size of the UNet's.
    fn features(&self, sample: &Latents, step: usize, steps: usize) -> Vec<Array4<f32>> {
        let mut sum: Vec<Array4<f32>> = Vec::new();
        for adapter in &self.adapters {
            let weight = adapter.schedule.at(step, steps).unwrap_or(0.0);
            let weighted = adapter.features.iter().map(|feature| feature * weight);
            if sum.is_empty() {
                sum = weighted.collect();
            } else {
                sum.iter_mut().zip(weighted).for_each(|(sum, feature)| *sum += &feature);
            }
        }
        sum.into_iter().map(|feature| padded(feature, sample)).collect()
    }
}

/// Zeros at the right and at the bottom where latents of an odd size give the UNet larger maps.
fn padded(feature: Array4<f32>, sample: &Latents) -> Array4<f32> {
    let (_, _, rows, columns) = sample.dim();
    let (batch, channels, height, width) = feature.dim();
    let factor = (columns / width.max(1)).max(1);
    let (to_height, to_width) = (rows.div_ceil(factor).max(height), columns.div_ceil(factor).max(width));
    if (to_height, to_width) == (height, width) {
        return feature;
    }
    let mut large = Array4::zeros((batch, channels, to_height, to_width));
    large.slice_mut(s![.., .., ..height, ..width]).assign(&feature);
    large
}

/// Soft control weighs shallow layers less: from a tenth to one, evenly on a logarithmic scale.
fn weighted(residuals: Residuals, weight: f32, mode: ControlMode) -> Residuals {
    let layers = residuals.down.len();
    let factor = |layer: usize| {
        if mode.is_soft() { weight * 10f32.powf(layer as f32 / layers.max(1) as f32 - 1.0) } else { weight }
    };
    Residuals {
        down: residuals.down.into_iter().enumerate().map(|(layer, tensor)| tensor * factor(layer)).collect(),
        middle: residuals.middle.map(|tensor| tensor * factor(layers)),
        ..Residuals::default()
    }
}

fn each(residuals: &Residuals, change: impl Fn(&Array4<f32>) -> Array4<f32>) -> Residuals {
    Residuals {
        down: residuals.down.iter().map(&change).collect(),
        middle: residuals.middle.as_ref().map(&change),
        ..Residuals::default()
    }
}

fn stacked(negative: &Residuals, positive: &Residuals) -> Result<Residuals, InferenceError> {
    let stack = |(negative, positive): (&Array4<f32>, &Array4<f32>)| {
        concatenate(Axis(0), &[negative.view(), positive.view()]).map_err(|error| {
            InferenceError::BadModel(format!("the ControlNet's outputs differ in shape: {error}"))
        })
    };
    Ok(Residuals {
        down: negative.down.iter().zip(&positive.down).map(stack).collect::<Result<_, _>>()?,
        middle: negative.middle.as_ref().zip(positive.middle.as_ref()).map(stack).transpose()?,
        ..Residuals::default()
    })
}

fn add(sum: &mut Residuals, more: Residuals) {
    if sum.down.is_empty() {
        (sum.down, sum.middle) = (more.down, more.middle);
        return;
    }
    sum.down.iter_mut().zip(&more.down).for_each(|(sum, more)| *sum += more);
    if let (Some(sum), Some(more)) = (&mut sum.middle, &more.middle) {
        *sum += more;
    }
}
