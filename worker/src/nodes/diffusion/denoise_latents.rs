//! `denoise_latents`: noise to latents, guided by prompts.
use ndarray::{Array3, Axis, Zip, concatenate};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::adapters::Adapters;
use super::controlnet::ControlField;
use super::denoising::{Denoising, Guidance, Mask, Progress};
use super::interpolate::{Method, resize};
use super::models;
use super::preview::latent_preview;
use super::regions::{Region, Regions};
use super::t2i_adapter::T2IAdapterField;
use crate::invocation::fields::{ConditioningField, DenoiseMaskField, LatentsField, UNetField};
use crate::invocation::outputs::LatentsOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::nodes::images::mask_tensor::load_mask;
use crate::nodes::one_or_many::{OneOrMany, optional, required};
use crate::schedulers::{self, Latents, Plan, SchedulerName};

/// Denoises noisy latents to decodable images.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct DenoiseLatents {
    /// What the picture should be.
    #[schemars(schema_with = "required::<ConditioningField>", extend("input" = "connection", "ui_order" = 0))]
    positive_conditioning: OneOrMany<ConditioningField>,
    /// What the picture should not be.
    #[schemars(schema_with = "required::<ConditioningField>", extend("input" = "connection", "ui_order" = 1))]
    negative_conditioning: OneOrMany<ConditioningField>,
    /// The noise to start from.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "ui_order" = 3))]
    pub(super) noise: Option<LatentsField>,
    /// Number of steps.
    #[serde(default = "steps")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub(super) steps: i64,
    /// How strongly the prompts pull: one number, or one for each step.
    #[serde(default = "cfg_scale")]
    #[schemars(schema_with = "guidance", extend("title" = "CFG Scale"))]
    pub(super) cfg_scale: OneOrMany<f32>,
    /// Where to start on the way from noise (0) to picture (1).
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub(super) denoising_start: f64,
    /// Where to stop on the way from noise (0) to picture (1).
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 1))]
    pub(super) denoising_end: f64,
    /// The sampler.
    #[serde(default)]
    #[schemars(extend("ui_type" = "SchedulerField"))]
    pub(super) scheduler: SchedulerName,
    /// The UNet.
    #[schemars(extend("input" = "connection", "title" = "UNet", "ui_order" = 2))]
    pub(super) unet: UNetField,
    /// How far guidance is scaled back to the prompt's own contrast.
    #[serde(default)]
    #[schemars(range(min = 0), extend("exclusiveMaximum" = 1, "title" = "CFG Rescale Multiplier"))]
    pub(super) cfg_rescale_multiplier: f32,
    /// The latents to start from.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "ui_order" = 4))]
    latents: Option<LatentsField>,
    /// Where the picture may change.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "ui_order" = 8))]
    denoise_mask: Option<DenoiseMaskField>,
    /// ControlNets.
    #[serde(default)]
    #[schemars(schema_with = "optional::<ControlField>", extend("input" = "connection", "ui_order" = 5))]
    pub(super) control: Option<OneOrMany<ControlField>>,
    /// T2I adapters.
    #[serde(default)]
    #[schemars(
        schema_with = "optional::<T2IAdapterField>",
        extend("input" = "connection", "ui_order" = 7, "title" = "T2I-Adapter")
    )]
    pub(super) t2i_adapter: Option<OneOrMany<T2IAdapterField>>,
    /// Not available here: refused when used.
    #[serde(default)]
    #[schemars(skip)]
    ip_adapter: Value,
    #[serde(default)]
    #[schemars(skip)]
    hidiffusion: bool,
}

fn steps() -> i64 {
    10
}

fn cfg_scale() -> OneOrMany<f32> {
    OneOrMany::One(7.5)
}

fn one() -> f64 {
    1.0
}

fn guidance(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "anyOf": [{ "type": "number" }, { "type": "array", "items": { "type": "number" } }], "default": 7.5 })
}

impl DenoiseLatents {
    /// Refuses what would otherwise be ignored, and values out of range.
    fn validate(&self) -> Result<usize, InvocationError> {
        let bad = |reason: String| Err(InvocationError::BadInput(reason));
        let used =
            |value: &Value| !value.is_null() && value.as_array().is_none_or(|values| !values.is_empty());
        if used(&self.ip_adapter) {
            return bad("IP adapters are not available here".to_owned());
        }
        if self.hidiffusion {
            return bad("HiDiffusion is not available here".to_owned());
        }
        if self.unet.freeu_config.is_some() {
            return bad("FreeU is not available here".to_owned());
        }
        for (name, value) in
            [("denoising_start", self.denoising_start), ("denoising_end", self.denoising_end)]
        {
            if !(0.0..=1.0).contains(&value) {
                return bad(format!("{name} is {value}, not between 0 and 1"));
            }
        }
        if !(0.0..1.0).contains(&self.cfg_rescale_multiplier) {
            return bad(format!(
                "cfg_rescale_multiplier is {}, not between 0 and 1",
                self.cfg_rescale_multiplier
            ));
        }
        let Some(steps) = usize::try_from(self.steps).ok().filter(|steps| *steps > 0) else {
            return bad(format!("steps is {}, not greater than 0", self.steps));
        };
        if let OneOrMany::Many(scales) = &self.cfg_scale
            && scales.len() != steps
        {
            return bad("cfg_scale (list) must have the same length as the number of steps".to_owned());
        }
        Ok(steps)
    }

    fn adapters(&self, context: &InvocationContext, latents: &Latents) -> Result<Adapters, InvocationError> {
        let controls = self.control.as_ref().map_or(&[][..], OneOrMany::as_slice);
        let adapters = self.t2i_adapter.as_ref().map_or(&[][..], OneOrMany::as_slice);
        let (_, _, rows, columns) = latents.dim();
        Adapters::load(context, controls, adapters, (rows, columns))
    }

    fn mask(&self, context: &InvocationContext, latents: &Latents) -> Result<Option<Mask>, InvocationError> {
        let Some(field) = &self.denoise_mask else { return Ok(None) };
        let (_, _, rows, columns) = latents.dim();
        let kept = models::latents(context, &field.mask_name)?;
        let kept = resize(&kept, rows, columns, Method::Bilinear { antialias: false });
        let masked_latents = match &field.masked_latents_name {
            Some(name) => models::latents(context, name)?,
            None => {
                let mut masked = latents.clone();
                if let Some(kept) = kept.broadcast(latents.dim()) {
                    Zip::from(&mut masked).and(&kept).for_each(|value, kept| {
                        if *kept < 0.5 {
                            *value = 0.0;
                        }
                    });
                }
                masked
            }
        };
        Ok(Some(Mask { values: kept.mapv(|kept| 1.0 - kept), gradient: field.gradient, masked_latents }))
    }
}

/// The noise, the latents and the seed that belongs to them.
fn start(
    context: &InvocationContext,
    noise_field: Option<&LatentsField>,
    latents_field: Option<&LatentsField>,
) -> Result<(Option<Latents>, Latents, u64), InvocationError> {
    let load = |field: &LatentsField| models::latents(context, &field.latents_name);
    let noise = noise_field.map(load).transpose()?;
    let latents = match (latents_field, &noise) {
        (Some(field), _) => load(field)?,
        (None, Some(noise)) => Latents::zeros(noise.dim()),
        (None, None) => {
            return Err(InvocationError::BadInput("'latents' or 'noise' must be provided!".to_owned()));
        }
    };
    if let Some(noise) = &noise
        && noise.dim() != latents.dim()
    {
        let reason =
            format!("Incompatible 'noise' and 'latents' shapes: {:?} {:?}", latents.shape(), noise.shape());
        return Err(InvocationError::BadInput(reason));
    }
    let seed = noise_field.and_then(|field| field.seed);
    let seed = seed.or_else(|| latents_field.and_then(|field| field.seed)).unwrap_or(0);
    Ok((noise, latents, seed.unsigned_abs()))
}

/// The prompts' tensors one after another, and where each applies.
fn conditioning(
    context: &InvocationContext,
    fields: &OneOrMany<ConditioningField>,
) -> Result<(Array3<f32>, Vec<Region>), InvocationError> {
    let mut tensors = Vec::new();
    let mut regions = Vec::new();
    for field in fields.as_slice() {
        let tensor = context.load_conditioning(&field.conditioning_name)?;
        let mask = field.mask.as_ref().map(|mask| load_mask(context, &mask.tensor_name)).transpose()?;
        regions.push(Region { mask, tokens: tensor.dim().1 });
        tensors.push(tensor);
    }
    let views: Vec<_> = tensors.iter().map(|tensor| tensor.view()).collect();
    let together = concatenate(Axis(1), &views).map_err(|error| {
        InvocationError::BadInput(format!("the conditioning does not fit together: {error}"))
    })?;
    Ok((together, regions))
}

impl Invocation for DenoiseLatents {
    const TYPE: &'static str = "denoise_latents";
    const SCHEMA_NAME: &'static str = "DenoiseLatentsInvocation";
    const TITLE: &'static str = "Denoise - SD1.5, SDXL";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.6.0";
    type Output = LatentsOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LatentsOutput, InvocationError> {
        let steps = self.validate()?;
        let (noise, latents, seed) = start(context, self.noise.as_ref(), self.latents.as_ref())?;
        let mask = self.mask(context, &latents)?;
        let (positive, positive_regions) = conditioning(context, &self.positive_conditioning)?;
        let (negative, negative_regions) = conditioning(context, &self.negative_conditioning)?;
        let config = models::scheduler_config(context, &self.unet)?;
        let mut scheduler = schedulers::create(self.scheduler.as_str(), &config, steps, seed)
            .map_err(|error| InvocationError::BadInput(error.to_string()))?;
        let plan = Plan::new(scheduler.as_ref(), self.denoising_start, self.denoising_end);
        let adapters = self.adapters(context, &latents)?;
        let regional = positive_regions.iter().chain(&negative_regions).any(|region| region.mask.is_some());
        let unet = models::unet(context, &self.unet, regional)?;
        let (_, _, rows, columns) = latents.dim();
        let regions = regional
            .then(|| Regions::new(&negative_regions, &positive_regions, (rows, columns), unet.levels()));
        let prompts = (negative.clone(), positive.clone());
        let run = Denoising {
            unet,
            scheduler: scheduler.as_mut(),
            plan,
            positive,
            negative,
            regions,
            guidance: match self.cfg_scale {
                OneOrMany::One(scale) => Guidance::Constant(scale),
                OneOrMany::Many(scales) => Guidance::PerStep(scales),
            },
            rescale: self.cfg_rescale_multiplier,
            seed,
            latents,
            noise,
            mask,
        };
        let result = run.run(
            &mut |sample, timestep, step, steps| {
                Ok::<_, InvocationError>(adapters.residuals(
                    sample,
                    timestep,
                    (step, steps),
                    (&prompts.0, &prompts.1),
                )?)
            },
            &mut |progress| report(context, &progress),
        )?;
        Ok(models::save_latents(context, result, None))
    }
}

/// Tells the session how far the run is. Methods of second order count both evaluations as one step.
fn report(context: &InvocationContext, progress: &Progress<'_>) -> Result<(), InvocationError> {
    context.check_canceled()?;
    let total = (progress.total / progress.order).max(1);
    let done = (progress.done / progress.order).min(total);
    context.progress(done, total, "Denoising", Some(latent_preview(progress.latents)));
    Ok(())
}
