//! `heuristic_resize`: an image at another size, its edges kept crisp.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::size;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::nodes::diffusion::control_image::crisply_resized;

/// Resizes an image by the method that suits what it shows: edges, a map of colours, or a picture.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct HeuristicResize {
    /// The image.
    image: ImageField,
    /// Width in pixels.
    #[serde(default = "side")]
    #[schemars(range(min = 1))]
    width: i64,
    /// Height in pixels.
    #[serde(default = "side")]
    #[schemars(range(min = 1))]
    height: i64,
}

fn side() -> i64 {
    512
}

impl Invocation for HeuristicResize {
    const TYPE: &'static str = "heuristic_resize";
    const SCHEMA_NAME: &'static str = "HeuristicResizeInvocation";
    const TITLE: &'static str = "Heuristic Resize";
    const CATEGORY: &'static str = "controlnet_preprocessors";
    const VERSION: &'static str = "1.1.1";
    const CLASSIFICATION: &'static str = "prototype";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?.to_rgb8();
        let (width, height) = size(self.width, self.height)?;
        Destination::default().save(context, crisply_resized(&image, width as usize, height as usize))
    }
}
