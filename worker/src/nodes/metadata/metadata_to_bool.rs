//! `metadata_to_bool`: the truth value of an entry of metadata.
use schemars::JsonSchema;
use serde::Deserialize;

use super::{conversions, labels};
use crate::invocation::fields::MetadataField;
use crate::invocation::outputs::BooleanOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Takes the truth value of one entry out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToBool {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[serde(default = "default_label")]
    #[schemars(extend("input" = "direct", "enum" = labels::TRUTH_VALUES))]
    label: String,
    /// The name, if the label says that it is a custom one.
    #[serde(default)]
    #[schemars(extend("input" = "direct"))]
    custom_label: Option<String>,
    /// What to give if there is no such entry.
    default_value: bool,
}

fn default_label() -> String {
    "* CUSTOM LABEL *".into()
}

impl Invocation for MetadataToBool {
    const TYPE: &'static str = "metadata_to_bool";
    const SCHEMA_NAME: &'static str = "MetadataToBoolInvocation";
    const TITLE: &'static str = "Metadata To Bool";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = BooleanOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<BooleanOutput, InvocationError> {
        let found = labels::find(self.metadata, &self.label, self.custom_label)?;
        Ok(BooleanOutput {
            value: found.map_or(Ok(self.default_value), |found| {
                Ok::<_, InvocationError>(conversions::truth(&found))
            })?,
        })
    }
}
