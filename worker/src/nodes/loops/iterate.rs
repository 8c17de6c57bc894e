//! `iterate`: what follows runs once for each item.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Runs what follows once for each item of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Iterate {
    /// The list.
    #[schemars(extend("ui_type" = "CollectionField"))]
    collection: Vec<Value>,
    /// Which item; set when the node is prepared.
    #[schemars(extend("ui_hidden" = true))]
    index: i64,
}

/// One item and where in the list it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct IterateInvocationOutput {
    /// The item.
    #[schemars(extend("title" = "Collection Item", "ui_type" = "CollectionItemField"))]
    item: Value,
    /// The item's index.
    index: i64,
    /// How many items there are.
    total: i64,
}

impl InvocationOutput for IterateInvocationOutput {
    const TYPE: &'static str = "iterate_output";
    const SCHEMA_NAME: &'static str = "IterateInvocationOutput";
}

impl Invocation for Iterate {
    const TYPE: &'static str = "iterate";
    const SCHEMA_NAME: &'static str = "IterateInvocation";
    const TITLE: &'static str = "IterateInvocation";
    const CATEGORY: &'static str = "";
    const VERSION: &'static str = "1.1.0";
    const USE_CACHE: bool = false;
    type Output = IterateInvocationOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IterateInvocationOutput, InvocationError> {
        let total = self.collection.len();
        let index = usize::try_from(self.index).ok().filter(|index| *index < total);
        let index = index.ok_or_else(|| InvocationError::BadInput("list index out of range".into()))?;
        let item = self.collection.into_iter().nth(index).unwrap_or_default();
        Ok(IterateInvocationOutput { item, index: index as i64, total: total as i64 })
    }
}
