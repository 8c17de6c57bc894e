//! `conditioning_collection`: a list of conditionings.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::ConditioningField;
use crate::invocation::outputs::ConditioningCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A list of conditionings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ConditioningCollection {
    /// The conditionings.
    collection: Vec<ConditioningField>,
}

impl Invocation for ConditioningCollection {
    const TYPE: &'static str = "conditioning_collection";
    const SCHEMA_NAME: &'static str = "ConditioningCollectionInvocation";
    const TITLE: &'static str = "Conditioning Collection Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.2";
    type Output = ConditioningCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<ConditioningCollectionOutput, InvocationError> {
        Ok(ConditioningCollectionOutput { collection: self.collection })
    }
}
