//! `canvas_output`: an image for the canvas.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Hands an image to the canvas, which stages it.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CanvasOutput {
    /// The image.
    image: ImageField,
}

impl Invocation for CanvasOutput {
    const TYPE: &'static str = "canvas_output";
    const SCHEMA_NAME: &'static str = "CanvasOutputInvocation";
    const TITLE: &'static str = "Canvas Output";
    const CATEGORY: &'static str = "canvas";
    const VERSION: &'static str = "1.0.0";
    const USE_CACHE: bool = false;
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        Destination::default().save(context, image)
    }
}
