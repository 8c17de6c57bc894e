//! `ideal_size`: a size near what a model was trained on.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::picture::PIXELS;
use crate::invocation::fields::UNetField;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Calculates the ideal size for generation to avoid duplication.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct IdealSize {
    /// Final image width.
    #[serde(default = "width")]
    width: i64,
    /// Final image height.
    #[serde(default = "height")]
    height: i64,
    /// The UNet.
    unet: UNetField,
    /// Factor of the model's own size.
    #[serde(default = "one")]
    multiplier: f64,
}

fn width() -> i64 {
    1024
}

fn height() -> i64 {
    576
}

fn one() -> f64 {
    1.0
}

/// A size in pixels.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct IdealSizeOutput {
    /// The ideal width of the image (in pixels).
    width: i64,
    /// The ideal height of the image (in pixels).
    height: i64,
}

impl InvocationOutput for IdealSizeOutput {
    const TYPE: &'static str = "ideal_size_output";
    const SCHEMA_NAME: &'static str = "IdealSizeOutput";
}

impl Invocation for IdealSize {
    const TYPE: &'static str = "ideal_size";
    const SCHEMA_NAME: &'static str = "IdealSizeInvocation";
    const TITLE: &'static str = "Ideal Size - SD1.5, SDXL";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.0.6";
    type Output = IdealSizeOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IdealSizeOutput, InvocationError> {
        let side = match self.unet.unet.base.as_str() {
            "sd-1" => 512.0,
            "sd-2" => 768.0,
            "sdxl" | "flux" | "flux2" | "sd-3" => 1024.0,
            other => return Err(InvocationError::BadInput(format!("Unsupported model type: {other}"))),
        };
        if self.width <= 0 || self.height <= 0 {
            return Err(InvocationError::BadInput("width and height must be positive".to_owned()));
        }
        let aspect = self.width as f64 / self.height as f64;
        let side = side * self.multiplier;
        let (least, area) = ((side * 0.5).floor(), side * side);
        let (width, height) = if aspect > 1.0 {
            let height = least.max((area / aspect).sqrt());
            (height * aspect, height)
        } else {
            let width = least.max((area * aspect).sqrt());
            (width, width / aspect)
        };
        let trimmed = |size: f64| {
            let size = size.floor() as i64;
            size - size % PIXELS as i64
        };
        Ok(IdealSizeOutput { width: trimmed(width), height: trimmed(height) })
    }
}
