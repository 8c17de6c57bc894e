//! `collect`: values of several runs as one list.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Puts the values of several runs into one list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Collect {
    /// A value of each run; all must be of one type.
    #[schemars(extend("title" = "Collection Item", "input" = "connection", "ui_type" = "CollectionItemField"))]
    item: Option<Value>,
    /// A list that the values are added to.
    #[schemars(extend("input" = "connection", "ui_type" = "CollectionField"))]
    collection: Vec<Value>,
}

/// The list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CollectInvocationOutput {
    /// The values.
    #[schemars(extend("ui_type" = "CollectionField"))]
    collection: Vec<Value>,
}

impl InvocationOutput for CollectInvocationOutput {
    const TYPE: &'static str = "collect_output";
    const SCHEMA_NAME: &'static str = "CollectInvocationOutput";
}

impl Invocation for Collect {
    const TYPE: &'static str = "collect";
    const SCHEMA_NAME: &'static str = "CollectInvocation";
    const TITLE: &'static str = "CollectInvocation";
    const CATEGORY: &'static str = "";
    const VERSION: &'static str = "1.1.0";
    const USE_CACHE: bool = false;
    type Output = CollectInvocationOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<CollectInvocationOutput, InvocationError> {
        // The execution puts the items into the list, in the order of the iterations.
        Ok(CollectInvocationOutput { collection: self.collection })
    }
}
