//! `image`: an image of the gallery.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// An image of the gallery.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Image {
    /// The image.
    image: ImageField,
}

impl Invocation for Image {
    const TYPE: &'static str = "image";
    const SCHEMA_NAME: &'static str = "ImageInvocation";
    const TITLE: &'static str = "Image Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let (width, height) = context.image_size(&self.image.image_name)?;
        Ok(ImageOutput { image: self.image, width, height })
    }
}
