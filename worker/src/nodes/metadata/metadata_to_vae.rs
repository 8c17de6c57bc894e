//! `metadata_to_vae`: the VAE of an entry of metadata.
use schemars::JsonSchema;
use serde::Deserialize;

use super::{labels, recorded_models};
use crate::invocation::fields::{MetadataField, VAEField};
use crate::invocation::outputs::VAEOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Takes a VAE out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToVae {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[serde(default = "default_label")]
    #[schemars(extend("input" = "direct", "enum" = labels::VAES))]
    label: String,
    /// The name, if the label says that it is a custom one.
    #[serde(default)]
    #[schemars(extend("input" = "direct"))]
    custom_label: Option<String>,
    /// The VAE if there is no such entry, or no such model here.
    default_value: VAEField,
}

fn default_label() -> String {
    "vae".into()
}

impl Invocation for MetadataToVae {
    const TYPE: &'static str = "metadata_to_vae";
    const SCHEMA_NAME: &'static str = "MetadataToVAEInvocation";
    const TITLE: &'static str = "Metadata To VAE";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.2.1";
    const CLASSIFICATION: &'static str = "beta";
    type Output = VAEOutput;

    fn invoke(self, context: &InvocationContext) -> Result<VAEOutput, InvocationError> {
        let found = labels::find(self.metadata, &self.label, self.custom_label)?;
        let key = recorded_models::key(context, found.as_ref(), "vae")?.unwrap_or(self.default_value.vae.key);
        Ok(VAEOutput { vae: recorded_models::vae(&recorded_models::identifier(context, &key)?) })
    }
}
