//! `metadata_to_t2i_adapters`: the T2I adapters of metadata.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recorded_models;
use crate::invocation::fields::MetadataField;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};
use crate::nodes::diffusion::T2IAdapterField;
use crate::nodes::one_or_many::{OneOrMany, nullable, optional};

/// Adds the T2I adapters of metadata to a list.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToT2IAdapters {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// Those that come first.
    #[serde(default)]
    #[schemars(schema_with = "optional::<T2IAdapterField>", extend("input" = "connection"))]
    t2i_adapter_list: Option<OneOrMany<T2IAdapterField>>,
}

/// T2I adapters.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MDT2IAdapterListOutput {
    /// The list.
    #[schemars(schema_with = "nullable::<T2IAdapterField>")]
    t2i_adapter_list: Option<OneOrMany<T2IAdapterField>>,
}

impl InvocationOutput for MDT2IAdapterListOutput {
    const TYPE: &'static str = "md_ip_adapters_output";
    const SCHEMA_NAME: &'static str = "MDT2IAdapterListOutput";
}

impl Invocation for MetadataToT2IAdapters {
    const TYPE: &'static str = "metadata_to_t2i_adapters";
    const SCHEMA_NAME: &'static str = "MetadataToT2IAdaptersInvocation";
    const TITLE: &'static str = "Metadata To T2I-Adapters";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.2.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = MDT2IAdapterListOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MDT2IAdapterListOutput, InvocationError> {
        let records = recorded_models::records(
            self.metadata.as_ref(),
            "t2iAdapters",
            "t2i_adapter_model",
            "t2i_adapter",
            context,
        )?;
        if records.is_empty() && self.t2i_adapter_list.is_some() {
            return Ok(MDT2IAdapterListOutput { t2i_adapter_list: self.t2i_adapter_list });
        }
        let mut list = self.t2i_adapter_list.as_ref().map_or_else(Vec::new, |list| list.as_slice().to_vec());
        for (record, model) in &records {
            list.push(T2IAdapterField::from_record(record, model.clone())?);
        }
        Ok(MDT2IAdapterListOutput { t2i_adapter_list: Some(OneOrMany::Many(list)) })
    }
}
