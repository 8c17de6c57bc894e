//! `boolean_collection`: a list of truth values.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::BooleanCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A list of truth values.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct BooleanCollection {
    /// The values.
    collection: Vec<bool>,
}

impl Invocation for BooleanCollection {
    const TYPE: &'static str = "boolean_collection";
    const SCHEMA_NAME: &'static str = "BooleanCollectionInvocation";
    const TITLE: &'static str = "Boolean Collection Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.2";
    type Output = BooleanCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<BooleanCollectionOutput, InvocationError> {
        Ok(BooleanCollectionOutput { collection: self.collection })
    }
}
