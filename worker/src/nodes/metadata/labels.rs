//! Entries of metadata and their names.
use serde_json::{Map, Value};

use crate::invocation::InvocationError;
use crate::invocation::fields::MetadataField;

/// Says that the name stands in another field.
pub(super) const CUSTOM: &str = "* CUSTOM LABEL *";

/// Entries that may be set.
pub(super) const ALL: &[&str] = &[
    CUSTOM,
    "positive_prompt",
    "positive_style_prompt",
    "negative_prompt",
    "negative_style_prompt",
    "width",
    "height",
    "seed",
    "cfg_scale",
    "cfg_rescale_multiplier",
    "steps",
    "scheduler",
    "clip_skip",
    "model",
    "vae",
    "seamless_x",
    "seamless_y",
    "guidance",
    "cfg_scale_start_step",
    "cfg_scale_end_step",
];
/// Entries that are texts.
pub(super) const TEXTS: &[&str] =
    &[CUSTOM, "positive_prompt", "positive_style_prompt", "negative_prompt", "negative_style_prompt"];
/// Entries that are integers.
pub(super) const INTEGERS: &[&str] =
    &[CUSTOM, "width", "height", "seed", "steps", "clip_skip", "cfg_scale_start_step", "cfg_scale_end_step"];
/// Entries that are numbers.
pub(super) const NUMBERS: &[&str] = &[CUSTOM, "cfg_scale", "cfg_rescale_multiplier", "guidance"];
/// Entries that are truth values.
pub(super) const TRUTH_VALUES: &[&str] = &[CUSTOM, "seamless_x", "seamless_y"];
/// Entries that are schedulers.
pub(super) const SCHEDULERS: &[&str] = &[CUSTOM, "scheduler"];
/// Entries that are main models.
pub(super) const MODELS: &[&str] = &[CUSTOM, "model"];
/// Entries that are VAEs.
pub(super) const VAES: &[&str] = &[CUSTOM, "vae"];

/// The version that metadata carries: that of the upstream release whose entries these are.
const APP_VERSION: &str = "6.14.2";

/// The name that a node's two fields tell.
pub(super) fn chosen(label: &str, custom: Option<String>) -> Result<String, InvocationError> {
    if label != CUSTOM {
        return Ok(label.to_owned());
    }
    let custom = custom.filter(|custom| !custom.trim().is_empty());
    custom.ok_or_else(|| InvocationError::BadInput("You must enter a Custom Label".into()))
}

/// The value of the entry that a node's fields name.
pub(super) fn find(
    metadata: Option<MetadataField>,
    label: &str,
    custom: Option<String>,
) -> Result<Option<Value>, InvocationError> {
    let label = chosen(label, custom)?;
    Ok(metadata.and_then(|mut metadata| metadata.0.remove(&label)))
}

/// Entries with the version added.
pub(super) fn with_version(mut entries: Map<String, Value>) -> MetadataField {
    entries.insert("app_version".into(), APP_VERSION.into());
    MetadataField(entries)
}

/// A value without the members that are null, at any depth.
pub(super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        other => other,
    }
}
