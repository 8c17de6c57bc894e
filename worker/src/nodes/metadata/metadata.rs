//! `metadata`: entries as metadata.
use schemars::JsonSchema;
use serde::Deserialize;

use super::labels;
use crate::invocation::fields::MetadataItemField;
use crate::invocation::outputs::MetadataOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::nodes::one_or_many::OneOrMany;

/// Metadata of one or several entries.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Metadata {
    /// The entries.
    items: OneOrMany<MetadataItemField>,
}

impl Invocation for Metadata {
    const TYPE: &'static str = "metadata";
    const SCHEMA_NAME: &'static str = "MetadataInvocation";
    const TITLE: &'static str = "Metadata";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.1";
    type Output = MetadataOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<MetadataOutput, InvocationError> {
        let entries = self.items.as_slice().iter().map(|item| (item.label.clone(), item.value.clone()));
        Ok(MetadataOutput { metadata: labels::with_version(entries.collect()) })
    }
}
