//! `/api/v1/recall`: a script sets parameters in the UI of its own account.
use crate::{
    access::{Access, Endpoints},
    error::{Error, Result},
    notices,
    request::{Body, Pairs},
    session::User,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;
use store::{client_state, images, models};

/// The routes.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new().get("/api/v1/recall/{queue_id}", Access::User, read).post(
        "/api/v1/recall/{queue_id}",
        Access::User,
        update,
    )
}

/// What the client's state calls a parameter.
const PREFIX: &str = "recall_";

/// Parameters that are lists: a strict request empties those that it does not name.
const LISTS: &[&str] = &["loras", "control_layers", "ip_adapters", "reference_images"];

/// Parameters with bounds.
const BOUNDS: &[(&str, RangeInclusive<f64>)] = &[
    ("steps", 1.0..=f64::INFINITY),
    ("refiner_steps", 0.0..=f64::INFINITY),
    ("width", 64.0..=f64::INFINITY),
    ("height", 64.0..=f64::INFINITY),
    ("seed", 0.0..=f64::INFINITY),
    ("denoise_strength", 0.0..=1.0),
    ("refiner_denoise_start", 0.0..=1.0),
    ("clip_skip", 0.0..=f64::INFINITY),
];

/// The parameters. Models are named, images are the account's to see.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct RecallParameter {
    positive_prompt: Option<String>,
    negative_prompt: Option<String>,
    model: Option<String>,
    refiner_model: Option<String>,
    vae_model: Option<String>,
    scheduler: Option<String>,
    steps: Option<i64>,
    refiner_steps: Option<i64>,
    cfg_scale: Option<f64>,
    cfg_rescale_multiplier: Option<f64>,
    refiner_cfg_scale: Option<f64>,
    guidance: Option<f64>,
    width: Option<i64>,
    height: Option<i64>,
    seed: Option<i64>,
    denoise_strength: Option<f64>,
    refiner_denoise_start: Option<f64>,
    clip_skip: Option<i64>,
    seamless_x: Option<bool>,
    seamless_y: Option<bool>,
    refiner_positive_aesthetic_score: Option<f64>,
    refiner_negative_aesthetic_score: Option<f64>,
    loras: Option<Vec<LoraRecall>>,
    control_layers: Option<Vec<ControlRecall>>,
    ip_adapters: Option<Vec<IpAdapterRecall>>,
    reference_images: Option<Vec<ReferenceImageRecall>>,
}

/// A LoRA by its name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct LoraRecall {
    model_name: String,
    #[serde(default = "three_quarters")]
    weight: f64,
    #[serde(default = "yes")]
    is_enabled: bool,
}

/// A ControlNet, T2I adapter or control LoRA by its name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ControlRecall {
    model_name: String,
    #[serde(default)]
    image_name: Option<String>,
    #[serde(default = "one")]
    weight: f64,
    #[serde(default)]
    begin_step_percent: Option<f64>,
    #[serde(default)]
    end_step_percent: Option<f64>,
    #[serde(default)]
    control_mode: Option<ControlMode>,
}

/// What weighs more, prompt or control picture.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ControlMode {
    Balanced,
    MorePrompt,
    MoreControl,
}

/// An IP adapter or FLUX Redux by its name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct IpAdapterRecall {
    model_name: String,
    #[serde(default)]
    image_name: Option<String>,
    #[serde(default = "one")]
    weight: f64,
    #[serde(default)]
    begin_step_percent: Option<f64>,
    #[serde(default)]
    end_step_percent: Option<f64>,
    #[serde(default)]
    method: Option<Method>,
    #[serde(default)]
    image_influence: Option<Influence>,
}

/// What an IP adapter takes from its image.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Method {
    Full,
    Style,
    Composition,
}

/// How much FLUX Redux takes from its image.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Influence {
    Lowest,
    Low,
    Medium,
    High,
    Highest,
}

/// An image that the main model itself takes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ReferenceImageRecall {
    image_name: String,
}

fn three_quarters() -> f64 {
    0.75
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

impl RecallParameter {
    /// Refuses numbers beyond their bounds.
    fn validate(&self, fields: &Map<String, Value>) -> Result<()> {
        let check = |name: &str, value: Option<f64>, bounds: &RangeInclusive<f64>| match value {
            Some(value) if !bounds.contains(&value) => Err(Error::invalid(
                &["body", name],
                format!("Input should be between {} and {}", bounds.start(), bounds.end()),
            )),
            _ => Ok(()),
        };
        for (name, bounds) in BOUNDS {
            check(name, fields.get(*name).and_then(Value::as_f64), bounds)?;
        }
        for lora in self.loras.iter().flatten() {
            check("loras", Some(lora.weight), &(-10.0..=10.0))?;
        }
        let controls = self.control_layers.iter().flatten();
        let controls = controls.map(|layer| (layer.weight, layer.begin_step_percent, layer.end_step_percent));
        let adapters = self.ip_adapters.iter().flatten();
        let adapters = adapters.map(|layer| (layer.weight, layer.begin_step_percent, layer.end_step_percent));
        for (weight, begin, end) in controls.chain(adapters) {
            check("weight", Some(weight), &(-1.0..=2.0))?;
            check("begin_step_percent", begin, &(0.0..=1.0))?;
            check("end_step_percent", end, &(0.0..=1.0))?;
        }
        Ok(())
    }

    fn image_names(&self) -> impl Iterator<Item = &str> {
        let controls = self.control_layers.iter().flatten().filter_map(|layer| layer.image_name.as_deref());
        let adapters = self.ip_adapters.iter().flatten().filter_map(|layer| layer.image_name.as_deref());
        let images = self.reference_images.iter().flatten().map(|image| image.image_name.as_str());
        controls.chain(adapters).chain(images)
    }
}

/// Whoever asks learns nothing of images that are not theirs, not even whether they exist.
async fn check_images(state: &AppState, user: &CurrentUser, parameters: &RecallParameter) -> Result<()> {
    for name in parameters.image_names() {
        match images::get(&state.pool, user, name, images::Access::Read).await {
            Ok(_) => {}
            Err(store::Error::NotFound) if user.is_admin => {}
            Err(store::Error::NotFound | store::Error::Forbidden) => {
                return Err(Error::forbidden(format!("Not authorized to access image {name}")));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The key of the first model of this name that has one of these types.
async fn key_of(state: &AppState, name: &str, types: &[&str]) -> Result<Option<String>> {
    for model_type in types {
        let filter = models::Filter {
            name: Some(name.to_owned()),
            r#type: Some((*model_type).to_owned()),
            ..models::Filter::default()
        };
        let found = models::list(&state.pool, &filter).await?;
        if let Some(key) = found.first().and_then(|config| config["key"].as_str()) {
            return Ok(Some(key.to_owned()));
        }
    }
    Ok(None)
}

async fn image_of(state: &AppState, user: &CurrentUser, name: Option<&str>) -> Result<Option<Value>> {
    let Some(name) = name else { return Ok(None) };
    match images::get(&state.pool, user, name, images::Access::Read).await {
        Ok(image) => Ok(Some(json!({ "image_name": name, "width": image.width, "height": image.height }))),
        Err(store::Error::NotFound | store::Error::Forbidden) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Layers with keys for names and with the sizes of images. Layers whose model is not known are left out.
async fn resolved(
    state: &AppState,
    user: &CurrentUser,
    layers: Vec<Value>,
    types: &[&str],
) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    for layer in layers {
        let Value::Object(mut layer) = layer else { continue };
        let name = layer.remove("model_name").and_then(|name| name.as_str().map(str::to_owned));
        let Some(key) = key_of(state, &name.unwrap_or_default(), types).await? else { continue };
        let image = layer.remove("image_name");
        let image = image_of(state, user, image.as_ref().and_then(Value::as_str)).await?;
        let mut result = Map::from_iter([("model_key".to_owned(), key.into())]);
        result.extend(layer.into_iter().filter(|(_, value)| !value.is_null()));
        result.extend(image.map(|image| ("image".to_owned(), image)));
        found.push(result.into());
    }
    Ok(found)
}

fn list<T: Serialize>(layers: &[T]) -> Vec<Value> {
    layers.iter().filter_map(|layer| serde_json::to_value(layer).ok()).collect()
}

async fn update(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
    pairs: Pairs,
    Body(parameters): Body<RecallParameter>,
) -> Result<Json<Value>> {
    let strict = pairs.flag("strict")?.unwrap_or(false);
    let append = pairs.flag("append")?.unwrap_or(false);
    if strict && append {
        return Err(Error::bad_request("The 'strict' and 'append' query parameters are mutually exclusive"));
    }
    let Value::Object(mut fields) = serde_json::to_value(&parameters).map_err(Error::internal)? else {
        return Err(Error::internal("parameters are an object"));
    };
    parameters.validate(&fields)?;
    check_images(&state, &user, &parameters).await?;
    if strict {
        for (name, value) in &mut fields {
            if value.is_null() && LISTS.contains(&name.as_str()) {
                *value = json!([]);
            }
        }
    } else {
        fields.retain(|_, value| !value.is_null());
    }
    if fields.is_empty() {
        return Ok(Json(json!({ "status": "no_parameters_provided", "updated_count": 0 })));
    }
    for (name, value) in &fields {
        client_state::set(&state.pool, &user, &format!("{PREFIX}{name}"), &value.to_string()).await?;
    }
    let updated_count = fields.len();
    if let Some(name) = &parameters.model {
        match key_of(&state, name, &["main"]).await? {
            Some(key) => _ = fields.insert("model".into(), key.into()),
            None => _ = fields.shift_remove("model"),
        }
    }
    if let Some(loras) = &parameters.loras {
        fields.insert("loras".into(), resolved(&state, &user, list(loras), &["lora"]).await?.into());
    }
    if let Some(layers) = &parameters.control_layers {
        let types = ["controlnet", "t2i_adapter", "lora"];
        fields.insert("control_layers".into(), resolved(&state, &user, list(layers), &types).await?.into());
    }
    if let Some(adapters) = &parameters.ip_adapters {
        let types = ["ip_adapter", "flux_redux"];
        fields.insert("ip_adapters".into(), resolved(&state, &user, list(adapters), &types).await?.into());
    }
    if let Some(references) = &parameters.reference_images {
        let mut found = Vec::new();
        for reference in references {
            found.extend(
                image_of(&state, &user, Some(&reference.image_name))
                    .await?
                    .map(|image| json!({ "image": image })),
            );
        }
        fields.insert("reference_images".into(), found.into());
    }
    if append {
        fields.insert("append".into(), true.into());
    }
    let parameters = Value::Object(fields);
    notices::recall_parameters_updated(&state, &queue_id, &user.user_id, &parameters).await?;
    Ok(Json(json!({
        "status": "success", "queue_id": queue_id, "updated_count": updated_count, "parameters": parameters,
    })))
}

/// What was set last, as it was asked for. Upstream answers with a note instead.
async fn read(
    State(state): State<AppState>,
    User(user): User,
    Path(queue_id): Path<String>,
) -> Result<Json<Value>> {
    let mut parameters = Map::new();
    for key in client_state::keys_with_prefix(&state.pool, &user, PREFIX).await? {
        let value = client_state::get(&state.pool, &user, &key).await?;
        if let Some(value) = value.and_then(|text| serde_json::from_str(&text).ok()) {
            parameters.insert(key.trim_start_matches(PREFIX).to_owned(), value);
        }
    }
    Ok(Json(json!({ "status": "success", "queue_id": queue_id, "parameters": parameters })))
}
