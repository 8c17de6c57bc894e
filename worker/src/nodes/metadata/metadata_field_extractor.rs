//! `metadata_field_extractor`: a text from the metadata of an image.
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::invocation::fields::ImageField;
use crate::invocation::outputs::StringOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// The text of one entry of the metadata of an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataFieldExtractor {
    /// The image.
    image: ImageField,
    /// The name of the entry.
    key: String,
}

impl Invocation for MetadataFieldExtractor {
    const TYPE: &'static str = "metadata_field_extractor";
    const SCHEMA_NAME: &'static str = "MetadataFieldExtractorInvocation";
    const TITLE: &'static str = "Metadata Field Extractor";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "deprecated";
    type Output = StringOutput;

    fn invoke(self, context: &InvocationContext) -> Result<StringOutput, InvocationError> {
        let name = &self.image.image_name;
        let bad = |reason: String| InvocationError::BadInput(reason);
        let metadata = context.image_metadata(name)?.filter(|metadata| !metadata.0.is_empty());
        let metadata = metadata.ok_or_else(|| bad(format!("No metadata found on image {name}")))?;
        match metadata.0.get(&self.key) {
            Some(Value::String(value)) => Ok(StringOutput { value: value.clone() }),
            Some(_) => Err(bad(format!("Metadata at key '{}' must be a string", self.key))),
            None => Err(bad(format!("No key '{}' found in the metadata for {name}", self.key))),
        }
    }
}
