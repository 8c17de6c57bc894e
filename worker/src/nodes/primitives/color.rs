//! `color`: a colour.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::ColorField;
use crate::invocation::outputs::ColorOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A colour.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Color {
    /// The colour.
    color: ColorField,
}

impl Invocation for Color {
    const TYPE: &'static str = "color";
    const SCHEMA_NAME: &'static str = "ColorInvocation";
    const TITLE: &'static str = "Color Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.1";
    type Output = ColorOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<ColorOutput, InvocationError> {
        Ok(ColorOutput { color: self.color })
    }
}
