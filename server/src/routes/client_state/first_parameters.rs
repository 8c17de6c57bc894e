//! What the Generate tab of a new account begins with.
//!
//! The stock UI picks a model by itself, but takes its default settings only when a person presses a button: a model
//! made for 128×128 pixels would begin with 512×512. While an account has kept no parameters and the studio has just one
//! main model, the answer to the question for them is that model with its default settings. The UI fills in the rest.
//!
//! It would also begin with an infill of the Canvas that may not be here, and fail to queue: LaMa's.
use crate::{error::Result, state::AppState};
use serde_json::{Map, Value, json};
use store::models::{self, Filter};

/// Under which key the UI keeps the parameters of the Generate tab.
pub(super) const KEY: &str = "params";

/// The layout of the parameters, by the number that UI 6.14.2 gives it; a later one converts older ones.
const LAYOUT: i64 = 5;

/// The node of the infill that the UI begins with, and the name of the one that it begins with where that is missing.
const USUAL_INFILL: &str = "infill_lama";
const OTHER_INFILL: &str = "cv2";

/// The parameters as the UI keeps them, or `None` where those that it would choose are right.
pub(super) async fn of_a_new_account(state: &AppState) -> Result<Option<String>> {
    let filter = Filter { r#type: Some("main".to_owned()), ..Filter::default() };
    let mains = models::list(&state.pool, &filter).await?;
    let mut first = match mains.as_slice() {
        [model] => parameters(model).unwrap_or_default(),
        _ => Map::new(),
    };
    if !state.node_schemas.iter().any(|schema| schema.node_type == USUAL_INFILL) {
        first.insert("infillMethod".to_owned(), json!(OTHER_INFILL));
    }
    if first.is_empty() {
        return Ok(None);
    }
    first.insert("_version".to_owned(), json!(LAYOUT));
    Ok(Some(Value::Object(first).to_string()))
}

/// A model and its default settings.
fn parameters(model: &Value) -> Option<Map<String, Value>> {
    let settings = model.get("default_settings")?.as_object()?;
    let identifier: Option<Map<String, Value>> = ["key", "hash", "name", "base", "type"]
        .into_iter()
        .map(|field| Some((field.to_owned(), model.get(field)?.clone())))
        .collect();
    let mut parameters = Map::from_iter([("model".to_owned(), Value::Object(identifier?))]);
    if let (Some(width), Some(height)) = (number(settings, "width"), number(settings, "height")) {
        let ratio = json!({
            "id": if width == height { "1:1" } else { "Free" }, "value": width / height, "isLocked": false,
        });
        let dimensions =
            json!({"width": settings["width"], "height": settings["height"], "aspectRatio": ratio});
        parameters.insert("dimensions".to_owned(), dimensions);
    }
    let names = [
        ("steps", "steps"),
        ("scheduler", "scheduler"),
        ("cfg_scale", "cfgScale"),
        ("cfg_rescale_multiplier", "cfgRescaleMultiplier"),
        ("guidance", "guidance"),
    ];
    for (ours, theirs) in names {
        if let Some(value) = settings.get(ours).filter(|value| !value.is_null()) {
            parameters.insert(theirs.to_owned(), value.clone());
        }
    }
    Some(parameters)
}

fn number(settings: &Map<String, Value>, name: &str) -> Option<f64> {
    settings.get(name)?.as_f64().filter(|value| *value > 0.0)
}
