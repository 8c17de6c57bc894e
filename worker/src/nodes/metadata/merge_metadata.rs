//! `merge_metadata`: metadata of several as one.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::MetadataField;
use crate::invocation::outputs::MetadataOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Puts metadata together; of equal entries the last one counts.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MergeMetadata {
    /// The metadata.
    collection: Vec<MetadataField>,
}

impl Invocation for MergeMetadata {
    const TYPE: &'static str = "merge_metadata";
    const SCHEMA_NAME: &'static str = "MergeMetadataInvocation";
    const TITLE: &'static str = "Metadata Merge";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.1";
    type Output = MetadataOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<MetadataOutput, InvocationError> {
        let entries = self.collection.into_iter().flat_map(|metadata| metadata.0);
        Ok(MetadataOutput { metadata: MetadataField(entries.collect()) })
    }
}
