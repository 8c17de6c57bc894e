//! `float_collection`: a list of numbers.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::FloatCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A list of numbers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct FloatCollection {
    /// The values.
    collection: Vec<f64>,
}

impl Invocation for FloatCollection {
    const TYPE: &'static str = "float_collection";
    const SCHEMA_NAME: &'static str = "FloatCollectionInvocation";
    const TITLE: &'static str = "Float Collection Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.2";
    type Output = FloatCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatCollectionOutput, InvocationError> {
        Ok(FloatCollectionOutput { collection: self.collection })
    }
}
