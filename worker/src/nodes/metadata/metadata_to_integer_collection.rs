//! `metadata_to_integer_collection`: the integers of an entry of metadata.
use schemars::JsonSchema;
use serde::Deserialize;

use super::{conversions, labels};
use crate::invocation::fields::MetadataField;
use crate::invocation::outputs::IntegerCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Takes the integers of one entry out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToIntegerCollection {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[serde(default = "default_label")]
    #[schemars(extend("input" = "direct", "enum" = labels::INTEGERS))]
    label: String,
    /// The name, if the label says that it is a custom one.
    #[serde(default)]
    #[schemars(extend("input" = "direct"))]
    custom_label: Option<String>,
    /// What to give if there is no such entry.
    default_value: Vec<i64>,
}

fn default_label() -> String {
    "* CUSTOM LABEL *".into()
}

impl Invocation for MetadataToIntegerCollection {
    const TYPE: &'static str = "metadata_to_integer_collection";
    const SCHEMA_NAME: &'static str = "MetadataToIntegerCollectionInvocation";
    const TITLE: &'static str = "Metadata To Integer Collection";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = IntegerCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerCollectionOutput, InvocationError> {
        let found = labels::find(self.metadata, &self.label, self.custom_label)?;
        Ok(IntegerCollectionOutput { collection: found.map_or(Ok(self.default_value), conversions::list)? })
    }
}
