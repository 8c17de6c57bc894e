//! `img_ilerp`: values of an image, from a range to 0…255.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::map_values;
use super::value_range::ValueRange;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Spreads a range of an image's values over all values.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct InverseLerpImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The range.
    #[serde(flatten)]
    range: ValueRange,
}

impl Invocation for InverseLerpImage {
    const TYPE: &'static str = "img_ilerp";
    const SCHEMA_NAME: &'static str = "ImageInverseLerpInvocation";
    const TITLE: &'static str = "Inverse Lerp Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let result = map_values(&image, |value| self.range.spread(value));
        self.destination.save(context, result)
    }
}
