//! `metadata_to_lora_collection`: the LoRAs of metadata as a list.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recorded_models;
use crate::invocation::fields::{LoRAField, MetadataField};
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};
use crate::nodes::one_or_many::OneOrMany;

/// Takes LoRAs out of metadata, behind those that are given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct MetadataToLoraCollection {
    /// The metadata.
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[schemars(extend("input" = "direct"))]
    custom_label: String,
    /// LoRAs that come first.
    #[schemars(extend("title" = "LoRAs"))]
    loras: Option<OneOrMany<LoRAField>>,
}

impl Default for MetadataToLoraCollection {
    fn default() -> Self {
        Self { metadata: None, custom_label: "loras".into(), loras: Some(OneOrMany::Many(Vec::new())) }
    }
}

/// LoRAs and their weights.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MetadataToLorasCollectionOutput {
    /// The LoRAs.
    #[schemars(extend("title" = "LoRAs"))]
    lora: Vec<LoRAField>,
}

impl InvocationOutput for MetadataToLorasCollectionOutput {
    const TYPE: &'static str = "metadata_to_lora_collection_output";
    const SCHEMA_NAME: &'static str = "MetadataToLorasCollectionOutput";
}

impl Invocation for MetadataToLoraCollection {
    const TYPE: &'static str = "metadata_to_lora_collection";
    const SCHEMA_NAME: &'static str = "MetadataToLorasCollectionInvocation";
    const TITLE: &'static str = "Metadata To LoRA Collection";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.1.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = MetadataToLorasCollectionOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MetadataToLorasCollectionOutput, InvocationError> {
        let name = Some(self.custom_label.trim()).filter(|name| !name.is_empty()).unwrap_or("loras");
        let mut lora: Vec<LoRAField> = Vec::new();
        let given = self.loras.map_or_else(Vec::new, |loras| loras.as_slice().to_vec());
        for next in given.into_iter().chain(recorded_models::loras(context, self.metadata.as_ref(), name)?) {
            if lora.iter().all(|other| other.lora.key != next.lora.key) {
                lora.push(next);
            }
        }
        Ok(MetadataToLorasCollectionOutput { lora })
    }
}
