//! `metadata_item`: an entry of metadata.
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::invocation::fields::MetadataItemField;
use crate::invocation::outputs::MetadataItemOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// An entry of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataItem {
    /// The name of the entry.
    label: String,
    /// Its value.
    #[schemars(extend("ui_type" = "AnyField"))]
    value: Value,
}

impl Invocation for MetadataItem {
    const TYPE: &'static str = "metadata_item";
    const SCHEMA_NAME: &'static str = "MetadataItemInvocation";
    const TITLE: &'static str = "Metadata Item";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.1";
    type Output = MetadataItemOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<MetadataItemOutput, InvocationError> {
        Ok(MetadataItemOutput { item: MetadataItemField { label: self.label, value: self.value } })
    }
}
