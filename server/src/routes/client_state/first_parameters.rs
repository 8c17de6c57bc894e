//! What the Generate tab of a new account begins with.
//!
//! The stock UI picks a model by itself, but takes its default settings only when a person presses a button: a model
//! made for 128×128 pixels would begin with 512×512. While an account has kept no parameters and the studio has just one
//! main model, the answer to the question for them is that model with its default settings. The UI fills in the rest.
use crate::error::Result;
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use store::models::{self, Filter};

/// Under which key the UI keeps the parameters of the Generate tab.
pub(super) const KEY: &str = "params";

/// The layout of the parameters, by the number that UI 6.14.2 gives it; a later one converts older ones.
const LAYOUT: i64 = 5;

/// The parameters as the UI keeps them, or `None` if there is no such model.
pub(super) async fn of_the_only_model(pool: &PgPool) -> Result<Option<String>> {
    let filter = Filter { r#type: Some("main".to_owned()), ..Filter::default() };
    let mains = models::list(pool, &filter).await?;
    let [model] = mains.as_slice() else { return Ok(None) };
    Ok(parameters(model).map(|parameters| parameters.to_string()))
}

fn parameters(model: &Value) -> Option<Value> {
    let settings = model.get("default_settings")?.as_object()?;
    let identifier: Option<Map<String, Value>> = ["key", "hash", "name", "base", "type"]
        .into_iter()
        .map(|field| Some((field.to_owned(), model.get(field)?.clone())))
        .collect();
    let mut parameters = Map::from_iter([
        ("_version".to_owned(), json!(LAYOUT)),
        ("model".to_owned(), Value::Object(identifier?)),
    ]);
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
    Some(Value::Object(parameters))
}

fn number(settings: &Map<String, Value>, name: &str) -> Option<f64> {
    settings.get(name)?.as_f64().filter(|value| *value > 0.0)
}
