//! `metadata_from_image`: the metadata of an image.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::ImageField;
use crate::invocation::outputs::MetadataOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// The metadata of an image; empty if it has none.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataFromImage {
    /// The image.
    image: ImageField,
}

impl Invocation for MetadataFromImage {
    const TYPE: &'static str = "metadata_from_image";
    const SCHEMA_NAME: &'static str = "MetadataFromImageInvocation";
    const TITLE: &'static str = "Metadata From Image";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.1";
    const CLASSIFICATION: &'static str = "beta";
    type Output = MetadataOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MetadataOutput, InvocationError> {
        let metadata = context.image_metadata(&self.image.image_name)?;
        Ok(MetadataOutput { metadata: metadata.unwrap_or_default() })
    }
}
