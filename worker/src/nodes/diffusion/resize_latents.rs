//! `lresize`: latents to a size.
use schemars::JsonSchema;
use serde::Deserialize;

use super::interpolate::{Method, resize};
use super::models;
use super::picture::PIXELS;
use crate::invocation::fields::LatentsField;
use crate::invocation::outputs::LatentsOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Upstream's names of interpolation modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub(crate) enum InterpolationMode {
    Nearest,
    Linear,
    #[default]
    Bilinear,
    Bicubic,
    Trilinear,
    Area,
    NearestExact,
}

impl InterpolationMode {
    /// The method, or torch's complaint about modes for other dimensions.
    pub(super) fn method(self, antialias: bool) -> Result<Method, InvocationError> {
        Ok(match self {
            Self::Nearest => Method::Nearest,
            Self::NearestExact => Method::NearestExact,
            Self::Bilinear => Method::Bilinear { antialias },
            Self::Bicubic => Method::Bicubic { antialias },
            Self::Area => Method::Area,
            Self::Linear => return Err(wrong_dimensions(4, 3, "linear")),
            Self::Trilinear => return Err(wrong_dimensions(4, 5, "trilinear")),
        })
    }
}

fn wrong_dimensions(got: u8, needed: u8, mode: &str) -> InvocationError {
    InvocationError::BadInput(format!("Got {got}D input, but {mode} mode needs {needed}D input"))
}

/// Resizes latents to explicit width/height (in pixels). Provided dimensions are floor-divided by 8.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ResizeLatents {
    /// The latents.
    #[schemars(extend("input" = "connection"))]
    latents: LatentsField,
    /// Width of the picture in pixels.
    #[schemars(range(min = 64), extend("multipleOf" = 8))]
    width: usize,
    /// Height of the picture in pixels.
    #[schemars(range(min = 64), extend("multipleOf" = 8))]
    height: usize,
    /// How values between samples are found.
    #[serde(default)]
    mode: InterpolationMode,
    /// Smooth before shrinking; for bilinear and bicubic.
    #[serde(default)]
    antialias: bool,
}

impl Invocation for ResizeLatents {
    const TYPE: &'static str = "lresize";
    const SCHEMA_NAME: &'static str = "ResizeLatentsInvocation";
    const TITLE: &'static str = "Resize Latents";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.0.2";
    type Output = LatentsOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LatentsOutput, InvocationError> {
        let latents = models::latents(context, &self.latents.latents_name)?;
        let method = self.mode.method(self.antialias)?;
        let (rows, columns) = (self.height / PIXELS, self.width / PIXELS);
        if rows == 0 || columns == 0 {
            return Err(InvocationError::BadInput("width and height must be at least 64".to_owned()));
        }
        let resized = resize(&latents, rows, columns, method);
        Ok(models::save_latents(context, resized, self.latents.seed))
    }
}
