//! `integer_collection`: a list of integers.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::IntegerCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A list of integers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct IntegerCollection {
    /// The values.
    collection: Vec<i64>,
}

impl Invocation for IntegerCollection {
    const TYPE: &'static str = "integer_collection";
    const SCHEMA_NAME: &'static str = "IntegerCollectionInvocation";
    const TITLE: &'static str = "Integer Collection Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.2";
    type Output = IntegerCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerCollectionOutput, InvocationError> {
        Ok(IntegerCollectionOutput { collection: self.collection })
    }
}
