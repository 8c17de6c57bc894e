//! `save_image`: a copy of an image.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Keeps a copy of an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct SaveImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
}

impl Invocation for SaveImage {
    const TYPE: &'static str = "save_image";
    const SCHEMA_NAME: &'static str = "SaveImageInvocation";
    const TITLE: &'static str = "Save Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    const USE_CACHE: bool = false;
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        self.destination.save(context, image)
    }
}
