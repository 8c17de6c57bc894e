//! The entry of metadata that names a main model: the inputs and the search of the nodes that take one out.
use schemars::JsonSchema;
use serde::Deserialize;

use super::{labels, recorded_models};
use crate::invocation::fields::{MetadataField, ModelIdentifierField};
use crate::invocation::{InvocationContext, InvocationError};

/// Metadata and the name of one of its entries. Flattened into the nodes.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ModelEntry {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[serde(default = "default_label")]
    #[schemars(extend("input" = "direct", "enum" = labels::MODELS))]
    label: String,
    /// The name, if the label says that it is a custom one.
    #[serde(default)]
    #[schemars(extend("input" = "direct"))]
    custom_label: Option<String>,
}

fn default_label() -> String {
    "model".into()
}

impl ModelEntry {
    /// The model of the entry if it is known here, else the default.
    pub(super) fn model(
        self,
        context: &InvocationContext,
        default: ModelIdentifierField,
    ) -> Result<ModelIdentifierField, InvocationError> {
        let found = labels::find(self.metadata, &self.label, self.custom_label)?;
        let key = recorded_models::key(context, found.as_ref(), "main")?.unwrap_or(default.key);
        recorded_models::identifier(context, &key)
    }
}
