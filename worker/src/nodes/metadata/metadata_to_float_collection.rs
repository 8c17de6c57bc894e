//! `metadata_to_float_collection`: the numbers of an entry of metadata.
use schemars::JsonSchema;
use serde::Deserialize;

use super::{conversions, labels};
use crate::invocation::fields::MetadataField;
use crate::invocation::outputs::FloatCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Takes the numbers of one entry out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToFloatCollection {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[serde(default = "default_label")]
    #[schemars(extend("input" = "direct", "enum" = labels::NUMBERS))]
    label: String,
    /// The name, if the label says that it is a custom one.
    #[serde(default)]
    #[schemars(extend("input" = "direct"))]
    custom_label: Option<String>,
    /// What to give if there is no such entry.
    default_value: Vec<f64>,
}

fn default_label() -> String {
    "* CUSTOM LABEL *".into()
}

impl Invocation for MetadataToFloatCollection {
    const TYPE: &'static str = "metadata_to_float_collection";
    const SCHEMA_NAME: &'static str = "MetadataToFloatCollectionInvocation";
    const TITLE: &'static str = "Metadata To Float Collection";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = FloatCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatCollectionOutput, InvocationError> {
        let found = labels::find(self.metadata, &self.label, self.custom_label)?;
        Ok(FloatCollectionOutput { collection: found.map_or(Ok(self.default_value), conversions::list)? })
    }
}
