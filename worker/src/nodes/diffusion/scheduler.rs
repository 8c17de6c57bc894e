//! `scheduler`: a scheduler's name as a value.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};
use crate::schedulers::SchedulerName;

/// Selects a scheduler.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Scheduler {
    /// The scheduler.
    #[serde(default)]
    #[schemars(extend("ui_type" = "SchedulerField"))]
    scheduler: SchedulerName,
}

/// A scheduler.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SchedulerOutput {
    /// The scheduler.
    #[schemars(extend("ui_type" = "SchedulerField"))]
    pub(crate) scheduler: SchedulerName,
}

impl InvocationOutput for SchedulerOutput {
    const TYPE: &'static str = "scheduler_output";
    const SCHEMA_NAME: &'static str = "SchedulerOutput";
}

impl Invocation for Scheduler {
    const TYPE: &'static str = "scheduler";
    const SCHEMA_NAME: &'static str = "SchedulerInvocation";
    const TITLE: &'static str = "Scheduler";
    const CATEGORY: &'static str = "latents";
    const VERSION: &'static str = "1.0.0";
    type Output = SchedulerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<SchedulerOutput, InvocationError> {
        Ok(SchedulerOutput { scheduler: self.scheduler })
    }
}
