//! Why a body is refused, in the shape that FastAPI's clients know.
use serde_json::{Value, json};

/// One entry of a 422's `detail`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    kind: &'static str,
    location: Vec<String>,
    message: String,
    input: Value,
}

impl Problem {
    pub(crate) fn new(
        kind: &'static str,
        location: &[&str],
        message: impl Into<String>,
        input: &Value,
    ) -> Self {
        let location = location.iter().map(|part| (*part).to_owned()).collect();
        Self { kind, location, message: message.into(), input: input.clone() }
    }

    /// The whole `detail`.
    pub fn detail(&self) -> Value {
        json!([{ "type": self.kind, "loc": self.location, "msg": self.message, "input": self.input }])
    }
}
