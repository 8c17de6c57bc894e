//! `float_math`: arithmetic of two numbers.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::invocation::outputs::FloatOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// What to do with the numbers.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub(crate) enum Operation {
    #[default]
    Add,
    Sub,
    Mul,
    Div,
    Exp,
    Abs,
    Sqrt,
    Min,
    Max,
}

fn labels() -> Value {
    json!({
        "ABS": "Absolute Value of A",
        "ADD": "Add A+B",
        "DIV": "Divide A/B",
        "EXP": "Exponentiate A^B",
        "MAX": "Maximum(A,B)",
        "MIN": "Minimum(A,B)",
        "MUL": "Multiply A*B",
        "SQRT": "Square Root of A",
        "SUB": "Subtract A-B",
    })
}

/// Calculates with numbers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct FloatMath {
    /// What to do with them.
    #[schemars(extend("ui_choice_labels" = labels()))]
    operation: Operation,
    /// The first number.
    a: f64,
    /// The second number.
    b: f64,
}

impl Default for FloatMath {
    fn default() -> Self {
        Self { operation: Operation::default(), a: 1.0, b: 1.0 }
    }
}

fn bad(reason: &str) -> InvocationError {
    InvocationError::BadInput(reason.into())
}

impl Invocation for FloatMath {
    const TYPE: &'static str = "float_math";
    const SCHEMA_NAME: &'static str = "FloatMathInvocation";
    const TITLE: &'static str = "Float Math";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    type Output = FloatOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<FloatOutput, InvocationError> {
        let (a, b) = (self.a, self.b);
        let value = match self.operation {
            Operation::Add => a + b,
            Operation::Sub => a - b,
            Operation::Mul => a * b,
            Operation::Div if b == 0.0 => return Err(bad("Cannot divide by zero")),
            Operation::Div => a / b,
            Operation::Exp if a == 0.0 && b < 0.0 => {
                return Err(bad("Cannot raise zero to a negative power"));
            }
            Operation::Exp if a < 0.0 && b.fract() != 0.0 => {
                return Err(bad("Root operation resulted in a complex number"));
            }
            Operation::Exp => a.powf(b),
            Operation::Abs => a.abs(),
            Operation::Sqrt => a.sqrt(),
            Operation::Min => a.min(b),
            Operation::Max => a.max(b),
        };
        if !value.is_finite() {
            return Err(bad("The result is not a finite number"));
        }
        Ok(FloatOutput { value })
    }
}
