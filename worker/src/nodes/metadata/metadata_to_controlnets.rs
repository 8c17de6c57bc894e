//! `metadata_to_controlnets`: the ControlNets of metadata.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recorded_models;
use crate::invocation::fields::MetadataField;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};
use crate::nodes::diffusion::ControlField;
use crate::nodes::one_or_many::{OneOrMany, nullable, optional};

/// Adds the ControlNets of metadata to a list.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MetadataToControlnets {
    /// The metadata.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// Those that come first.
    #[serde(default)]
    #[schemars(schema_with = "optional::<ControlField>", extend("input" = "connection"))]
    control_list: Option<OneOrMany<ControlField>>,
}

/// ControlNets.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MDControlListOutput {
    /// The list.
    #[schemars(schema_with = "nullable::<ControlField>")]
    control_list: Option<OneOrMany<ControlField>>,
}

impl InvocationOutput for MDControlListOutput {
    const TYPE: &'static str = "md_control_list_output";
    const SCHEMA_NAME: &'static str = "MDControlListOutput";
}

impl Invocation for MetadataToControlnets {
    const TYPE: &'static str = "metadata_to_controlnets";
    const SCHEMA_NAME: &'static str = "MetadataToControlnetsInvocation";
    const TITLE: &'static str = "Metadata To ControlNets";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.2.0";
    const CLASSIFICATION: &'static str = "beta";
    type Output = MDControlListOutput;

    fn invoke(self, context: &InvocationContext) -> Result<MDControlListOutput, InvocationError> {
        let records = recorded_models::records(
            self.metadata.as_ref(),
            "controlnets",
            "control_model",
            "controlnet",
            context,
        )?;
        if records.is_empty() && self.control_list.is_some() {
            return Ok(MDControlListOutput { control_list: self.control_list });
        }
        let mut list = self.control_list.as_ref().map_or_else(Vec::new, |list| list.as_slice().to_vec());
        for (record, model) in &records {
            list.push(ControlField::from_record(record, model.clone())?);
        }
        Ok(MDControlListOutput { control_list: Some(OneOrMany::Many(list)) })
    }
}
