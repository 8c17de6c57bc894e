//! `metadata_item_linked`: metadata with one more entry.
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::labels;
use crate::invocation::fields::MetadataField;
use crate::invocation::outputs::MetadataOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Sets an entry of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataItemLinked {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[serde(default = "default_label")]
    #[schemars(extend("input" = "direct", "enum" = labels::ALL))]
    label: String,
    /// The name, if the label says that it is a custom one.
    #[serde(default)]
    #[schemars(extend("input" = "direct"))]
    custom_label: Option<String>,
    /// The value.
    #[schemars(extend("ui_type" = "AnyField"))]
    value: Value,
}

fn default_label() -> String {
    "* CUSTOM LABEL *".into()
}

impl Invocation for MetadataItemLinked {
    const TYPE: &'static str = "metadata_item_linked";
    const SCHEMA_NAME: &'static str = "MetadataItemLinkedInvocation";
    const TITLE: &'static str = "Metadata Item Linked";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.1";
    const CLASSIFICATION: &'static str = "beta";
    type Output = MetadataOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<MetadataOutput, InvocationError> {
        let label = labels::chosen(&self.label, self.custom_label)?;
        let mut entries = self.metadata.unwrap_or_default().0;
        // Of a VAE with its settings only the model is recorded.
        let value = match self.value {
            Value::Object(mut fields)
                if fields.contains_key("vae") && fields.contains_key("seamless_axes") =>
            {
                fields.remove("vae").unwrap_or_default()
            }
            value => value,
        };
        entries.insert(label, value);
        Ok(MetadataOutput { metadata: labels::with_version(entries) })
    }
}
