//! `img_lerp`: values of an image, from 0…255 to a range.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::map_values;
use super::value_range::ValueRange;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Spreads the values of an image over a range.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct LerpImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The range.
    #[serde(flatten)]
    range: ValueRange,
}

impl Invocation for LerpImage {
    const TYPE: &'static str = "img_lerp";
    const SCHEMA_NAME: &'static str = "ImageLerpInvocation";
    const TITLE: &'static str = "Lerp Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let result = map_values(&image, |value| self.range.narrowed(value));
        self.destination.save(context, result)
    }
}
