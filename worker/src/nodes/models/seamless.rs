//! `seamless`: pictures whose opposite edges meet.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::{UNetField, VAEField};
use crate::invocation::outputs::SeamlessModeOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes opposite edges of the picture meet.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Seamless {
    /// The UNet.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "title" = "UNet"))]
    unet: Option<UNetField>,
    /// The VAE.
    #[serde(default)]
    #[schemars(extend("input" = "connection", "title" = "VAE"))]
    vae: Option<VAEField>,
    /// Whether top and bottom meet.
    #[serde(default = "yes")]
    seamless_y: bool,
    /// Whether left and right meet.
    #[serde(default = "yes")]
    seamless_x: bool,
}

fn yes() -> bool {
    true
}

impl Invocation for Seamless {
    const TYPE: &'static str = "seamless";
    const SCHEMA_NAME: &'static str = "SeamlessModeInvocation";
    const TITLE: &'static str = "Apply Seamless - SD1.5, SDXL";
    const CATEGORY: &'static str = "model";
    const VERSION: &'static str = "1.0.2";
    type Output = SeamlessModeOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<SeamlessModeOutput, InvocationError> {
        let axes = [("x", self.seamless_x), ("y", self.seamless_y)];
        let axes: Vec<String> =
            axes.into_iter().filter(|(_, wraps)| *wraps).map(|(axis, _)| axis.to_owned()).collect();
        Ok(SeamlessModeOutput {
            unet: self.unet.map(|unet| UNetField { seamless_axes: axes.clone(), ..unet }),
            vae: self.vae.map(|vae| VAEField { seamless_axes: axes, ..vae }),
        })
    }
}
