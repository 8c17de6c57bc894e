//! `lscale`: latents by a factor.
use schemars::JsonSchema;
use serde::Deserialize;

use super::interpolate::scale;
use super::models;
use super::resize_latents::InterpolationMode;
use crate::invocation::fields::LatentsField;
use crate::invocation::outputs::LatentsOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Scales latents by a given factor.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ScaleLatents {
    /// The latents.
    #[schemars(extend("input" = "connection"))]
    latents: LatentsField,
    /// The factor.
    #[schemars(extend("exclusiveMinimum" = 0))]
    scale_factor: f64,
    /// How values between samples are found.
    #[serde(default)]
    mode: InterpolationMode,
    /// Smooth before shrinking; for bilinear and bicubic.
    #[serde(default)]
    antialias: bool,
}

impl Invocation for ScaleLatents {
    const TYPE: &'static str = "lscale";
    const SCHEMA_NAME: &'static str = "ScaleLatentsInvocation";
    const TITLE: &'static str = "Scale Latents";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.0.2";
    type Output = LatentsOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LatentsOutput, InvocationError> {
        let latents = models::latents(context, &self.latents.latents_name)?;
        let (_, _, rows, columns) = latents.dim();
        let smallest = rows.min(columns) as f64;
        if self.scale_factor.is_nan() || self.scale_factor * smallest < 1.0 {
            return Err(InvocationError::BadInput(format!(
                "scale_factor {} leaves nothing of the latents",
                self.scale_factor
            )));
        }
        let scaled = scale(&latents, self.scale_factor, self.mode.method(self.antialias)?);
        Ok(models::save_latents(context, scaled, self.latents.seed))
    }
}
