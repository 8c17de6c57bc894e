//! `integer_math`: arithmetic of two integers.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::arithmetic;
use crate::invocation::outputs::IntegerOutput;
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
    Mod,
    Abs,
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
        "MOD": "Modulus A%B",
        "MUL": "Multiply A*B",
        "SUB": "Subtract A-B",
    })
}

/// Calculates with integers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct IntegerMath {
    /// What to do with them.
    #[schemars(extend("ui_choice_labels" = labels()))]
    operation: Operation,
    /// The first number.
    a: i64,
    /// The second number.
    b: i64,
}

impl Default for IntegerMath {
    fn default() -> Self {
        Self { operation: Operation::default(), a: 1, b: 1 }
    }
}

fn bad(reason: &str) -> InvocationError {
    InvocationError::BadInput(reason.into())
}

impl Invocation for IntegerMath {
    const TYPE: &'static str = "integer_math";
    const SCHEMA_NAME: &'static str = "IntegerMathInvocation";
    const TITLE: &'static str = "Integer Math";
    const CATEGORY: &'static str = "math";
    const VERSION: &'static str = "1.0.1";
    type Output = IntegerOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerOutput, InvocationError> {
        let (a, b) = (self.a, self.b);
        let value = match self.operation {
            Operation::Add => a.checked_add(b),
            Operation::Sub => a.checked_sub(b),
            Operation::Mul => a.checked_mul(b),
            Operation::Div | Operation::Mod if b == 0 => return Err(bad("Cannot divide by zero")),
            Operation::Div => Some(arithmetic::divide(a, b)?),
            Operation::Exp if b < 0 => return Err(bad("Result of exponentiation is not an integer")),
            Operation::Exp => arithmetic::power(a, b),
            // The remainder has the sign of the divisor.
            Operation::Mod => {
                a.checked_rem(b).map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
            }
            Operation::Abs => a.checked_abs(),
            Operation::Min => Some(a.min(b)),
            Operation::Max => Some(a.max(b)),
        };
        Ok(IntegerOutput { value: value.ok_or_else(arithmetic::too_large)? })
    }
}
