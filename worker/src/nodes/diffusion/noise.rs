//! `noise`: latent noise from a seed.
use schemars::JsonSchema;
use serde::Deserialize;

use super::picture::PIXELS;
use crate::invocation::fields::LatentsField;
use crate::invocation::outputs::NoiseOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::random::Generator;

/// Architectures by the shape of their latents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum NoiseType {
    #[default]
    #[serde(rename = "SD")]
    Sd,
    #[serde(rename = "FLUX")]
    Flux,
    #[serde(rename = "FLUX.2")]
    Flux2,
    #[serde(rename = "SD3")]
    Sd3,
    CogView4,
    #[serde(rename = "Z-Image")]
    ZImage,
    Anima,
}

impl NoiseType {
    fn multiple(self) -> usize {
        match self {
            Self::Sd | Self::Anima => 8,
            Self::Flux | Self::Flux2 | Self::Sd3 | Self::ZImage => 16,
            Self::CogView4 => 32,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sd => "SD",
            Self::Flux => "FLUX",
            Self::Flux2 => "FLUX.2",
            Self::Sd3 => "SD3",
            Self::CogView4 => "CogView4",
            Self::ZImage => "Z-Image",
            Self::Anima => "Anima",
        }
    }

    fn shape(self, rows: usize, columns: usize) -> Vec<usize> {
        match self {
            Self::Sd => vec![1, 4, rows, columns],
            Self::Flux2 => vec![1, 32, rows, columns],
            Self::Anima => vec![1, 16, 1, rows, columns],
            _ => vec![1, 16, rows, columns],
        }
    }
}

/// Generates latent noise for supported denoiser architectures.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Noise {
    /// The architecture that the noise is for.
    noise_type: NoiseType,
    /// The seed.
    #[schemars(range(min = 0, max = 4_294_967_295_u64))]
    seed: i64,
    /// Width of the picture in pixels.
    #[schemars(extend("exclusiveMinimum" = 0, "multipleOf" = 8))]
    width: usize,
    /// Height of the picture in pixels.
    #[schemars(extend("exclusiveMinimum" = 0, "multipleOf" = 8))]
    height: usize,
    /// Noise is always made on the CPU here, which is the same on every machine.
    use_cpu: bool,
}

impl Default for Noise {
    fn default() -> Self {
        Self { noise_type: NoiseType::Sd, seed: 0, width: 512, height: 512, use_cpu: true }
    }
}

impl Invocation for Noise {
    const TYPE: &'static str = "noise";
    const SCHEMA_NAME: &'static str = "NoiseInvocation";
    const TITLE: &'static str = "Create Latent Noise";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.1.0";
    type Output = NoiseOutput;

    fn invoke(self, context: &InvocationContext) -> Result<NoiseOutput, InvocationError> {
        let multiple = self.noise_type.multiple();
        if self.width == 0
            || self.height == 0
            || !self.width.is_multiple_of(multiple)
            || !self.height.is_multiple_of(multiple)
        {
            let name = self.noise_type.name();
            let reason = format!("{name} noise width and height must be a multiple of {multiple}");
            return Err(InvocationError::BadInput(reason));
        }
        let seed = self.seed.rem_euclid(1 << 32);
        let (rows, columns) = (self.height / PIXELS, self.width / PIXELS);
        let noise = Generator::new(seed.unsigned_abs()).normal(&self.noise_type.shape(rows, columns));
        let latents_name = context.save_tensor(noise);
        Ok(NoiseOutput {
            noise: LatentsField { latents_name, seed: Some(seed) },
            width: self.width as u32,
            height: self.height as u32,
        })
    }
}
