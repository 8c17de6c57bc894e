//! Which batches go in step.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invocation::InvocationError;

/// Batches of one group go in step, those without a group are multiplied. Clients see to it.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum BatchGroup {
    #[default]
    None,
    #[serde(rename = "Group 1")]
    Group1,
    #[serde(rename = "Group 2")]
    Group2,
    #[serde(rename = "Group 3")]
    Group3,
    #[serde(rename = "Group 4")]
    Group4,
    #[serde(rename = "Group 5")]
    Group5,
}

/// Clients resolve these nodes before they enqueue a graph; one that comes here was left in by mistake.
pub(super) fn not_executable() -> InvocationError {
    InvocationError::BadInput("This class should never be executed or instantiated directly.".into())
}
