//! Values against the schema of the field that they are for: converted where that loses nothing, else refused in the
//! words that FastAPI's clients know.
use crate::node_schema::Definition;
use serde_json::{Map, Value, json};

/// Why a value does not fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Mismatch {
    /// The kind, e.g. `int_parsing`.
    pub kind: &'static str,
    /// Where inside of the value.
    pub place: Vec<String>,
    /// What is wrong.
    pub message: String,
}

impl Mismatch {
    fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, place: Vec::new(), message: message.into() }
    }

    fn within(mut self, place: impl ToString) -> Self {
        self.place.insert(0, place.to_string());
        self
    }
}

/// The value as the field takes it.
///
/// # Errors
/// The first [`Mismatch`].
pub fn fit(value: Value, schema: &Value, definitions: &[Definition]) -> Result<Value, Mismatch> {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        return match definitions.iter().find(|(known, _)| known == name) {
            Some((_, schema)) => fit(value, schema, definitions),
            None => Ok(value),
        };
    }
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        return fit_one(value, choices, definitions);
    }
    let value = match schema.get("type").and_then(Value::as_str) {
        Some("integer") => integer(value)?,
        Some("number") => number(value)?,
        Some("string") => string(value)?,
        Some("boolean") => boolean(value)?,
        Some("null") if !value.is_null() => {
            return Err(Mismatch::new("none_required", "Input should be None"));
        }
        Some("array") => list(value, schema, definitions)?,
        Some("object") => object(value, schema, definitions)?,
        _ => value,
    };
    check_choice(&value, schema)?;
    check_bounds(&value, schema)?;
    Ok(value)
}

/// The first choice that takes the value as it is, else the first that takes it converted.
fn fit_one(value: Value, choices: &[Value], definitions: &[Definition]) -> Result<Value, Mismatch> {
    let mut mismatch = None;
    let mut converted = None;
    for choice in choices {
        match fit(value.clone(), choice, definitions) {
            Ok(fitted) if fitted == value => return Ok(fitted),
            Ok(fitted) => converted = converted.or(Some(fitted)),
            Err(error) if choice["type"] != "null" => mismatch = mismatch.or(Some(error)),
            Err(_) => {}
        }
    }
    converted
        .ok_or_else(|| mismatch.unwrap_or_else(|| Mismatch::new("none_required", "Input should be None")))
}

fn integer(value: Value) -> Result<Value, Mismatch> {
    let bad = |kind, more: &str| Err(Mismatch::new(kind, format!("Input should be a valid integer{more}")));
    match &value {
        Value::Number(given) if given.is_i64() || given.is_u64() => Ok(value),
        Value::Number(given) => match given.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 9.0e18 => Ok(json!(float as i64)),
            _ => bad("int_from_float", ", got a number with a fractional part"),
        },
        Value::Bool(given) => Ok(json!(i64::from(*given))),
        Value::String(text) => match text.trim().parse::<i64>() {
            Ok(given) => Ok(json!(given)),
            Err(_) => bad("int_parsing", ", unable to parse string as an integer"),
        },
        _ => bad("int_type", ""),
    }
}

fn number(value: Value) -> Result<Value, Mismatch> {
    let bad = |kind, more: &str| Err(Mismatch::new(kind, format!("Input should be a valid number{more}")));
    match &value {
        Value::Number(_) => Ok(value),
        Value::Bool(given) => Ok(json!(f64::from(u8::from(*given)))),
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(given) if given.is_finite() => Ok(json!(given)),
            _ => bad("float_parsing", ", unable to parse string as a number"),
        },
        _ => bad("float_type", ""),
    }
}

fn string(value: Value) -> Result<Value, Mismatch> {
    match value {
        Value::String(_) => Ok(value),
        Value::Number(number) => Ok(Value::String(number.to_string())),
        _ => Err(Mismatch::new("string_type", "Input should be a valid string")),
    }
}

fn boolean(value: Value) -> Result<Value, Mismatch> {
    let given = match &value {
        Value::Bool(given) => Some(*given),
        Value::Number(number) if number.as_f64() == Some(0.0) => Some(false),
        Value::Number(number) if number.as_f64() == Some(1.0) => Some(true),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => return Err(Mismatch::new("bool_type", "Input should be a valid boolean")),
    };
    let unclear =
        || Mismatch::new("bool_parsing", "Input should be a valid boolean, unable to interpret input");
    given.map(Value::Bool).ok_or_else(unclear)
}

fn list(value: Value, schema: &Value, definitions: &[Definition]) -> Result<Value, Mismatch> {
    let Value::Array(items) = value else {
        return Err(Mismatch::new("list_type", "Input should be a valid list"));
    };
    let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or_default();
    if (items.len() as u64) < least {
        let message = format!("List should have at least {least} item after validation, not {}", items.len());
        return Err(Mismatch::new("too_short", message));
    }
    let Some(kind) = schema.get("items") else { return Ok(Value::Array(items)) };
    let items = items.into_iter().enumerate();
    items.map(|(index, item)| fit(item, kind, definitions).map_err(|error| error.within(index))).collect()
}

fn object(value: Value, schema: &Value, definitions: &[Definition]) -> Result<Value, Mismatch> {
    let Value::Object(mut fields) = value else {
        return Err(Mismatch::new("model_type", "Input should be a valid dictionary"));
    };
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            return Err(Mismatch::new("missing", "Field required").within(name));
        }
    }
    let none = Map::new();
    for (name, kind) in schema.get("properties").and_then(Value::as_object).unwrap_or(&none) {
        if let Some(field) = fields.get_mut(name) {
            *field = fit(field.take(), kind, definitions).map_err(|error| error.within(name))?;
        }
    }
    Ok(Value::Object(fields))
}

fn check_choice(value: &Value, schema: &Value) -> Result<(), Mismatch> {
    let Some(choices) = schema.get("enum").and_then(Value::as_array) else { return Ok(()) };
    if choices.contains(value) {
        return Ok(());
    }
    let names: Vec<String> = choices
        .iter()
        .map(|choice| choice.as_str().map_or_else(|| choice.to_string(), |text| format!("'{text}'")))
        .collect();
    let list = match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    };
    Err(Mismatch::new("literal_error", format!("Input should be {list}")))
}

/// The greatest seed.
const SEED_MAX: u64 = u32::MAX as u64;

/// What a number must be to a bound, and how its absence is called.
type Rule = (&'static str, &'static str, &'static str, fn(f64, f64) -> bool);

const RULES: [Rule; 5] = [
    ("minimum", "greater_than_equal", "greater than or equal to", |value, bound| value >= bound),
    ("maximum", "less_than_equal", "less than or equal to", |value, bound| value <= bound),
    ("exclusiveMinimum", "greater_than", "greater than", |value, bound| value > bound),
    ("exclusiveMaximum", "less_than", "less than", |value, bound| value < bound),
    ("multipleOf", "multiple_of", "a multiple of", |value, bound| value % bound == 0.0),
];

fn check_bounds(value: &Value, schema: &Value) -> Result<(), Mismatch> {
    let Some(number) = value.as_f64() else { return Ok(()) };
    // Seeds beyond their bounds wrap around in the nodes that take them.
    if schema.get("maximum").and_then(Value::as_u64) == Some(SEED_MAX) {
        return Ok(());
    }
    for (name, kind, words, holds) in RULES {
        if let Some(bound) = schema.get(name)
            && bound.as_f64().is_some_and(|bound| !holds(number, bound))
        {
            return Err(Mismatch::new(kind, format!("Input should be {words} {bound}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(value: Value, schema: Value) -> Result<Value, String> {
        let point =
            json!({ "type": "object", "properties": { "x": { "type": "integer" } }, "required": ["x"] });
        fit(value, &schema, &[("Point".into(), point.into())])
            .map_err(|error| format!("{}: {error}", error.place.join(".")))
    }

    #[test]
    fn values_are_converted_where_nothing_is_lost() {
        assert_eq!(fitted(json!(3.0), json!({ "type": "integer" })), Ok(json!(3)));
        assert_eq!(fitted(json!(1.5), json!({ "type": "string" })), Ok(json!("1.5")));
        assert_eq!(fitted(json!("yes"), json!({ "type": "boolean" })), Ok(json!(true)));
        let either = json!({ "anyOf": [{ "type": "integer" }, { "type": "array", "items": { "type": "integer" } }, { "type": "null" }] });
        assert_eq!(fitted(json!(["1", 2]), either.clone()), Ok(json!([1, 2])));
        assert_eq!(fitted(json!(null), either), Ok(json!(null)));
        let point = json!({ "$ref": "#/components/schemas/Point" });
        assert_eq!(fitted(json!({ "x": "7", "y": 1 }), point), Ok(json!({ "x": 7, "y": 1 })));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let error = |value: Value, schema: Value| fitted(value, schema).unwrap_err();
        assert!(
            error(json!(1.5), json!({ "type": "integer" })).ends_with("got a number with a fractional part")
        );
        let list = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Point" } });
        assert_eq!(error(json!([{ "x": 1 }, {}]), list), "1.x: Field required");
        assert_eq!(
            error(json!(0), json!({ "type": "integer", "exclusiveMinimum": 0 })),
            ": Input should be greater than 0"
        );
        assert_eq!(error(json!("c"), json!({ "enum": ["a", "b"] })), ": Input should be 'a' or 'b'");
    }
}
