//! `metadata_to_string_collection`: the texts of an entry of metadata.
use schemars::JsonSchema;
use serde::Deserialize;

use super::{conversions, labels};
use crate::invocation::fields::MetadataField;
use crate::invocation::outputs::StringCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Takes the texts of one entry out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToStringCollection {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[serde(default = "default_label")]
    #[schemars(extend("input" = "direct", "enum" = labels::TEXTS))]
    label: String,
    /// The name, if the label says that it is a custom one.
    #[serde(default)]
    #[schemars(extend("input" = "direct"))]
    custom_label: Option<String>,
    /// What to give if there is no such entry.
    default_value: Vec<String>,
}

fn default_label() -> String {
    "* CUSTOM LABEL *".into()
}

impl Invocation for MetadataToStringCollection {
    const TYPE: &'static str = "metadata_to_string_collection";
    const SCHEMA_NAME: &'static str = "MetadataToStringCollectionInvocation";
    const TITLE: &'static str = "Metadata To String Collection";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = StringCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringCollectionOutput, InvocationError> {
        let found = labels::find(self.metadata, &self.label, self.custom_label)?;
        Ok(StringCollectionOutput { collection: found.map_or(Ok(self.default_value), conversions::list)? })
    }
}
