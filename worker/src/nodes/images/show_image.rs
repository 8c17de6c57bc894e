//! `show_image`: an image, passed on.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Passes an image on. There is no screen here to show it on.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ShowImage {
    /// The image.
    image: ImageField,
}

impl Invocation for ShowImage {
    const TYPE: &'static str = "show_image";
    const SCHEMA_NAME: &'static str = "ShowImageInvocation";
    const TITLE: &'static str = "Show Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.0.1";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let (width, height) = context.image_size(&self.image.image_name)?;
        Ok(ImageOutput { image: self.image, width, height })
    }
}
