//! Style presets, and the system prompts of prompt expansion.
use super::images::{Keeping, picture_part, serve_small_picture};
use crate::{
    access::{Access, Endpoints},
    error::Error,
    session::{Admin, User},
    state::AppState,
};
use axum::{
    Json,
    extract::{Multipart, Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::account::CurrentUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{
    files::Attachment,
    style_presets::{self, NewStylePreset, StylePreset},
};

mod import;
mod system_prompts;

/// The routes of these resources.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/api/v1/style_presets/", Access::User, list)
        .post("/api/v1/style_presets/", Access::User, create)
        .get("/api/v1/style_presets/export", Access::Admin, export)
        .post("/api/v1/style_presets/import", Access::Admin, import::import)
        .get("/api/v1/style_presets/i/{style_preset_id}", Access::User, get)
        .patch("/api/v1/style_presets/i/{style_preset_id}", Access::User, update)
        .delete("/api/v1/style_presets/i/{style_preset_id}", Access::User, delete)
        .get("/api/v1/style_presets/i/{style_preset_id}/image", Access::MediaCookieOrUser, picture)
        .merge(system_prompts::endpoints())
}

/// The form's `data`, JSON as text.
#[derive(Debug, Deserialize)]
struct FormData {
    name: String,
    positive_prompt: String,
    negative_prompt: String,
    r#type: String,
    #[serde(default)]
    is_public: bool,
}

fn parse(data: Option<&String>) -> Result<NewStylePreset, Error> {
    let data = data.ok_or_else(|| Error::unprocessable("data is required"))?;
    let invalid = || Error::bad_request("Invalid preset data");
    let data: FormData = serde_json::from_str(data).map_err(|_| invalid())?;
    if !matches!(data.r#type.as_str(), "user" | "default") {
        return Err(invalid());
    }
    Ok(NewStylePreset {
        name: data.name,
        positive_prompt: data.positive_prompt,
        negative_prompt: data.negative_prompt,
        r#type: data.r#type,
        is_public: data.is_public,
    })
}

/// The prompts of a preset.
#[derive(Debug, Serialize, JsonSchema)]
struct PresetData {
    positive_prompt: String,
    negative_prompt: String,
}

/// A preset as the wire shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StylePresetRecordWithImage")]
struct PresetDto {
    name: String,
    preset_data: PresetData,
    r#type: String,
    is_public: bool,
    id: String,
    user_id: String,
    image: Option<String>,
}

impl From<StylePreset> for PresetDto {
    fn from(preset: StylePreset) -> Self {
        let image = preset.has_image.then(|| format!("api/v1/style_presets/i/{}/image", preset.id));
        Self {
            name: preset.name,
            preset_data: PresetData {
                positive_prompt: preset.positive_prompt,
                negative_prompt: preset.negative_prompt,
            },
            r#type: preset.r#type,
            is_public: preset.is_public,
            id: preset.id,
            user_id: preset.user_id,
            image,
        }
    }
}

fn refuse(verb: &str) -> impl Fn(store::Error) -> Error {
    move |error| match error {
        store::Error::NotFound => Error::not_found("Style preset not found"),
        store::Error::Forbidden => Error::forbidden(format!("Not authorized to {verb} this style preset")),
        other => other.into(),
    }
}

/// Presets of everyone are an administrator's affair.
fn check_type(user: &CurrentUser, preset: &NewStylePreset) -> Result<(), Error> {
    if preset.r#type == "default" && !user.is_admin {
        return Err(Error::forbidden("Only admins can create default presets"));
    }
    Ok(())
}

async fn list(State(state): State<AppState>, User(user): User) -> Result<Json<Vec<PresetDto>>, Error> {
    Ok(Json(style_presets::list(&state.pool, &user).await?.into_iter().map(PresetDto::from).collect()))
}

async fn get(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Json<PresetDto>, Error> {
    Ok(Json(style_presets::get(&state.pool, &user, &id).await.map_err(refuse("access"))?.into()))
}

async fn create(
    State(state): State<AppState>,
    User(user): User,
    parts: Multipart,
) -> Result<Json<PresetDto>, Error> {
    let form = picture_part(parts, "image").await?;
    let preset = parse(form.texts.get("data"))?;
    check_type(&user, &preset)?;
    let created = style_presets::insert(&state.pool, &user, &preset, form.picture.is_some()).await?;
    if let Some(picture) = form.picture {
        state.files.put_attachment(Attachment::StylePreset, &created.id, picture).await?;
    }
    Ok(Json(created.into()))
}

async fn update(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
    parts: Multipart,
) -> Result<Json<PresetDto>, Error> {
    let form = picture_part(parts, "image").await?;
    let preset = parse(form.texts.get("data"))?;
    style_presets::get_own(&state.pool, &user, &id).await.map_err(refuse("modify"))?;
    check_type(&user, &preset)?;
    let has_image = form.picture.is_some();
    match form.picture {
        Some(picture) => state.files.put_attachment(Attachment::StylePreset, &id, picture).await?,
        None => state.files.delete_attachment(Attachment::StylePreset, &id).await?,
    }
    let updated =
        style_presets::update(&state.pool, &user, &id, &preset, has_image).await.map_err(refuse("modify"))?;
    Ok(Json(updated.into()))
}

async fn delete(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Json<()>, Error> {
    style_presets::delete(&state.pool, &user, &id).await.map_err(refuse("modify"))?;
    state.files.delete_attachment(Attachment::StylePreset, &id).await?;
    Ok(Json(()))
}

async fn picture(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    style_presets::get(&state.pool, &user, &id).await.map_err(refuse("access"))?;
    serve_small_picture(&state, Attachment::StylePreset, &id, Keeping::Never).await
}

async fn export(State(state): State<AppState>, Admin(user): Admin) -> Result<Response, Error> {
    let presets = style_presets::list(&state.pool, &user).await?;
    let mut text = "name,prompt,negative_prompt\r\n".to_owned();
    for preset in presets.iter().filter(|preset| preset.r#type == "user") {
        let fields = [&preset.name, &preset.positive_prompt, &preset.negative_prompt]
            .map(|field| import::quote(field));
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=prompt_templates.csv"),
    ];
    Ok((StatusCode::OK, headers, text).into_response())
}
