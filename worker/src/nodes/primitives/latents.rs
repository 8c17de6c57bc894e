//! `latents`: latents as a value.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::LatentsField;
use crate::invocation::outputs::LatentsOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Each latent value stands for a square of this many pixels a side.
const PIXELS_PER_LATENT: u32 = 8;

/// Latents as a value.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Latents {
    /// The latents.
    #[schemars(extend("input" = "connection"))]
    latents: LatentsField,
}

impl Invocation for Latents {
    const TYPE: &'static str = "latents";
    const SCHEMA_NAME: &'static str = "LatentsInvocation";
    const TITLE: &'static str = "Latents Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.2";
    type Output = LatentsOutput;

    fn invoke(self, context: &InvocationContext) -> Result<LatentsOutput, InvocationError> {
        let shape = context.load_tensor(&self.latents.latents_name)?.shape().to_vec();
        let pixels = |from_end: usize| {
            shape.len().checked_sub(from_end).map_or(0, |place| shape[place] as u32 * PIXELS_PER_LATENT)
        };
        Ok(LatentsOutput { width: pixels(1), height: pixels(2), latents: self.latents })
    }
}
