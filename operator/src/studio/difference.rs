//! Whether an object has to be written: without a difference nothing is, and at rest there is none.
use super::build::{Manifest, manifest::APPLIED};
use kube::{ResourceExt, api::DynamicObject};
use serde_json::Value;

/// Why an object has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// It does not exist.
    Absent,
    /// What is wanted has changed.
    Changed,
    /// Somebody else changed it.
    Drifted,
}

/// The difference between what is wanted and what is there; `None`: there is none.
pub fn between(desired: &Manifest, present: Option<&DynamicObject>) -> Option<Difference> {
    let Some(present) = present else { return Some(Difference::Absent) };
    if present.annotations().get(APPLIED).map(String::as_str) != Some(desired.digest()) {
        return Some(Difference::Changed);
    }
    let present = serde_json::to_value(present).unwrap_or_default();
    (!contains(&present, &desired.value)).then_some(Difference::Drifted)
}

/// Whether everything of `desired` is in `present`, which has the API server's defaults besides.
fn contains(present: &Value, desired: &Value) -> bool {
    match (present, desired) {
        (_, Value::Null) => true,
        (Value::Object(present), Value::Object(desired)) => {
            desired.iter().all(|(key, value)| match present.get(key) {
                Some(present) => contains(present, value),
                None => is_empty(value),
            })
        }
        (Value::Array(present), Value::Array(desired)) => contains_all(present, desired),
        (Value::String(present), Value::String(desired)) => {
            present == desired || quantity(present).is_some_and(|number| Some(number) == quantity(desired))
        }
        (Value::Number(present), Value::Number(desired)) => present.as_f64() == desired.as_f64(),
        (present, desired) => present == desired,
    }
}

/// The API server leaves out what is empty.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(value) => !value,
        Value::Number(_) => false,
    }
}

/// Lists of things with names may have more things in them (an injected container); others are alike.
fn contains_all(present: &[Value], desired: &[Value]) -> bool {
    let named = desired.iter().all(|item| item["name"].is_string());
    if named && !desired.is_empty() {
        return desired.iter().all(|item| {
            let same = present.iter().find(|present| present["name"] == item["name"]);
            same.is_some_and(|present| contains(present, item))
        });
    }
    present.len() == desired.len()
        && present.iter().zip(desired).all(|(present, desired)| contains(present, desired))
}

/// A quantity in thousandths: the API server writes 1000m as 1.
fn quantity(text: &str) -> Option<i128> {
    const SUFFIXES: [(&str, i128); 13] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("Pi", 1 << 50),
        ("Ei", 1 << 60),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("P", 1_000_000_000_000_000),
        ("E", 1_000_000_000_000_000_000),
        ("", 1),
    ];
    if let Some(thousandths) = text.strip_suffix('m') {
        return thousandths.parse().ok();
    }
    let (number, factor) = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| text.strip_suffix(suffix).map(|number| (number, *factor)))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: i128 = whole.parse().ok()?;
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let fraction: i128 = digits.parse().ok()?;
    Some((whole * 1000 + fraction) * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn defaults_of_the_server_are_no_difference_and_changes_by_hand_are() {
        let desired = json!({ "spec": { "replicas": 2, "labels": {}, "template": { "containers": [{ "name": "a", "image": "x" }] } } });
        let mut present = json!({ "spec": { "replicas": 2, "paused": false, "template": { "containers": [
            { "name": "injected" }, { "name": "a", "image": "x", "terminationMessagePath": "/dev/log" },
        ] } } });
        assert!(contains(&present, &desired));
        present["spec"]["replicas"] = 3.into();
        assert!(!contains(&present, &desired));
    }

    #[test]
    fn quantities_are_compared_by_what_they_mean() {
        assert!(contains(
            &json!({ "cpu": "1", "memory": "1Gi" }),
            &json!({ "cpu": "1000m", "memory": "1024Mi" })
        ));
        assert!(contains(&json!("500m"), &json!("0.5")));
        assert!(!contains(&json!("1"), &json!("2")));
    }
}
