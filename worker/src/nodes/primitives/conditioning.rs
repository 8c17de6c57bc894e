//! `conditioning`: conditioning as a value.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::ConditioningField;
use crate::invocation::outputs::ConditioningOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Conditioning as a value.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Conditioning {
    /// The conditioning.
    #[schemars(extend("input" = "connection"))]
    conditioning: ConditioningField,
}

impl Invocation for Conditioning {
    const TYPE: &'static str = "conditioning";
    const SCHEMA_NAME: &'static str = "ConditioningInvocation";
    const TITLE: &'static str = "Conditioning Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.1";
    type Output = ConditioningOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<ConditioningOutput, InvocationError> {
        Ok(ConditioningOutput { conditioning: self.conditioning })
    }
}
