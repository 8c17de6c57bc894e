//! `latents_collection`: a list of latents.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::LatentsField;
use crate::invocation::outputs::LatentsCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A list of latents.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct LatentsCollection {
    /// The latents.
    collection: Vec<LatentsField>,
}

impl Invocation for LatentsCollection {
    const TYPE: &'static str = "latents_collection";
    const SCHEMA_NAME: &'static str = "LatentsCollectionInvocation";
    const TITLE: &'static str = "Latents Collection Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.1";
    type Output = LatentsCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<LatentsCollectionOutput, InvocationError> {
        Ok(LatentsCollectionOutput { collection: self.collection })
    }
}
