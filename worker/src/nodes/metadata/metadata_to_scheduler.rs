//! `metadata_to_scheduler`: the scheduler of an entry of metadata.
use schemars::JsonSchema;
use serde::Deserialize;

use super::labels;
use crate::invocation::fields::MetadataField;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::nodes::diffusion::SchedulerOutput;
use crate::schedulers::SchedulerName;

/// Takes a scheduler out of metadata.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct MetadataToScheduler {
    /// The metadata.
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The name of the entry.
    #[schemars(extend("input" = "direct", "enum" = labels::SCHEDULERS))]
    label: String,
    /// The name, if the label says that it is a custom one.
    #[schemars(extend("input" = "direct"))]
    custom_label: Option<String>,
    /// What to give if there is no such entry.
    #[schemars(extend("ui_type" = "SchedulerField"))]
    default_value: SchedulerName,
}

impl Default for MetadataToScheduler {
    fn default() -> Self {
        Self {
            metadata: None,
            label: "scheduler".into(),
            custom_label: None,
            default_value: SchedulerName::default(),
        }
    }
}

impl Invocation for MetadataToScheduler {
    const TYPE: &'static str = "metadata_to_scheduler";
    const SCHEMA_NAME: &'static str = "MetadataToSchedulerInvocation";
    const TITLE: &'static str = "Metadata To Scheduler";
    const CATEGORY: &'static str = "metadata";
    const VERSION: &'static str = "1.0.1";
    const CLASSIFICATION: &'static str = "beta";
    type Output = SchedulerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<SchedulerOutput, InvocationError> {
        let found = labels::find(self.metadata, &self.label, self.custom_label)?;
        let scheduler = found.map_or(Ok(self.default_value), |found| {
            serde_json::from_value(found.clone())
                .map_err(|_| InvocationError::BadInput(format!("{found} is not a scheduler")))
        });
        Ok(SchedulerOutput { scheduler: scheduler? })
    }
}
