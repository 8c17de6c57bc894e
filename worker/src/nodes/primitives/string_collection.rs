//! `string_collection`: a list of texts.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::outputs::StringCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A list of texts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct TextCollection {
    /// The values.
    collection: Vec<String>,
}

impl Invocation for TextCollection {
    const TYPE: &'static str = "string_collection";
    const SCHEMA_NAME: &'static str = "StringCollectionInvocation";
    const TITLE: &'static str = "String Collection Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.2";
    type Output = StringCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<StringCollectionOutput, InvocationError> {
        Ok(StringCollectionOutput { collection: self.collection })
    }
}
