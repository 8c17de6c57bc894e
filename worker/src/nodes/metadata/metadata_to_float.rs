//! `metadata_to_float`: the number of an entry of metadata.
use schemars::JsonSchema;
use serde::Deserialize;

use super::{conversions, labels};
use crate::invocation::fields::MetadataField;
use crate::invocation::outputs::FloatOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Takes the number of one entry out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToFloat {
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
    default_value: f64,
}

fn default_label() -> String {
    "* CUSTOM LABEL *".into()
}

impl Invocation for MetadataToFloat {
    const TYPE: &'static str = "metadata_to_float";
    const SCHEMA_NAME: &'static str = "MetadataToFloatInvocation";
    const TITLE: &'static str = "Metadata To Float";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.1.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = FloatOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatOutput, InvocationError> {
        let found = labels::find(self.metadata, &self.label, self.custom_label)?;
        Ok(FloatOutput { value: found.map_or(Ok(self.default_value), |found| conversions::number(&found))? })
    }
}
