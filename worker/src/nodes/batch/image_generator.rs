//! `image_generator`: images for a batch.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::batch_group;
use crate::invocation::fields::ImageField;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// The client's settings, which only it reads.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct ImageGeneratorField {}

/// What the client made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImageGeneratorOutput {
    /// The images.
    images: Vec<ImageField>,
}

impl InvocationOutput for ImageGeneratorOutput {
    const TYPE: &'static str = "image_generator_output";
    const SCHEMA_NAME: &'static str = "ImageGeneratorOutput";
}

/// Makes images for a batch. What is set here goes into the batch when the client enqueues it; the node itself never runs.
#[expect(dead_code, reason = "clients read these fields, the node never runs")]
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ImageGenerator {
    /// How the client makes them.
    #[schemars(extend("title" = "Generator Type", "input" = "direct"))]
    generator: ImageGeneratorField,
}

impl Invocation for ImageGenerator {
    const TYPE: &'static str = "image_generator";
    const SCHEMA_NAME: &'static str = "ImageGenerator";
    const TITLE: &'static str = "Image Generator";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "special";
    type Output = ImageGeneratorOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<ImageGeneratorOutput, InvocationError> {
        Err(batch_group::not_executable())
    }
}
