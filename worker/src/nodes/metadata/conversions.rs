//! Values of metadata as other types, as Python converts them.
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::invocation::InvocationError;

/// Any value as a text.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => written(other),
    }
}

/// A value as Python writes it inside of lists.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.contains('\'') && !text.contains('"') => format!("\"{text}\""),
        Value::String(text) => {
            format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{}: {}", written(&Value::from(name.as_str())), written(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A number, a truth value or a text of digits as an integer; fractions are left out.
pub(super) fn integer(value: &Value) -> Result<i64, InvocationError> {
    let integer = match value {
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)),
        Value::String(text) => text.trim().replace('_', "").parse().ok(),
        _ => None,
    };
    integer.ok_or_else(|| {
        InvocationError::BadInput(format!("invalid literal for int() with base 10: {}", written(value)))
    })
}

/// A number, a truth value or a text as a number.
pub(super) fn number(value: &Value) -> Result<f64, InvocationError> {
    let number = match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| InvocationError::BadInput(format!("could not convert to float: {}", written(value))))
}

/// Whether there is anything to a value.
pub(super) fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// A list of values of one type.
pub(super) fn list<T: DeserializeOwned>(value: Value) -> Result<Vec<T>, InvocationError> {
    let written = written(&value);
    serde_json::from_value(value)
        .map_err(|error| InvocationError::BadInput(format!("{written} is not such a list: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written_as_python_writes_them() {
        assert_eq!(text(&json!("it's")), "it's");
        assert_eq!(text(&json!([true, null, 1.5, "it's", "a"])), r#"[True, None, 1.5, "it's", 'a']"#);
        assert_eq!(text(&json!({ "a": 1 })), "{'a': 1}");
    }

    #[test]
    fn numbers_come_from_texts_and_truth_values_too() {
        assert_eq!(integer(&json!(" 12 ")).unwrap(), 12);
        assert_eq!(integer(&json!(-2.7)).unwrap(), -2);
        assert_eq!(number(&json!(true)).unwrap(), 1.0);
        assert!(integer(&json!("x")).is_err() && number(&json!([])).is_err());
    }
}
