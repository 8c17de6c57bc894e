//! `model_identifier`: any model as a value.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invocation::fields::ModelIdentifierField;
use crate::invocation::{Invocation, InvocationContext, InvocationError, InvocationOutput};

/// Gives any model as a value. Inputs take it whatever its kind, and nodes then refuse what they cannot use.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ModelIdentifier {
    /// The model.
    model: ModelIdentifierField,
}

/// A model.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ModelIdentifierOutput {
    /// The model.
    model: ModelIdentifierField,
}

impl InvocationOutput for ModelIdentifierOutput {
    const TYPE: &'static str = "model_identifier_output";
    const SCHEMA_NAME: &'static str = "ModelIdentifierOutput";
}

impl Invocation for ModelIdentifier {
    const TYPE: &'static str = "model_identifier";
    const SCHEMA_NAME: &'static str = "ModelIdentifierInvocation";
    const TITLE: &'static str = "Any Model";
    const CATEGORY: &'static str = "model";
    const VERSION: &'static str = "1.0.1";
    type Output = ModelIdentifierOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ModelIdentifierOutput, InvocationError> {
        context.model_config(&self.model)?;
        Ok(ModelIdentifierOutput { model: self.model })
    }
}
