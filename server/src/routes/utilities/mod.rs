//! `/api/v1/utilities`: dynamic prompts; fonts, of which there are none.
//!
//! - [`dynamic_prompts`]: the templates and their expansion
mod dynamic_prompts;

use crate::{
    access::{Access, Endpoints},
    error::{Error, Result},
    request::Body,
};
use axum::Json;
use dynamic_prompts::Template;
use rand::{SeedableRng, rngs::StdRng};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The routes.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .post("/api/v1/utilities/dynamicprompts", Access::User, expand)
        .get("/api/v1/utilities/fonts", Access::User, fonts)
        .get("/api/v1/utilities/fonts/{*font_path}", Access::User, missing_font)
}

/// A template and how many prompts to make of it.
#[derive(Debug, Deserialize, JsonSchema)]
struct Wanted {
    prompt: String,
    #[serde(default = "thousand")]
    max_prompts: usize,
    #[serde(default = "yes")]
    combinatorial: bool,
    #[serde(default)]
    seed: Option<u64>,
}

const fn thousand() -> usize {
    1000
}

const fn yes() -> bool {
    true
}

/// The prompts, or the template itself and why it has none.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DynamicPromptsResponse")]
struct Prompts {
    prompts: Vec<String>,
    error: Option<String>,
}

async fn expand(Body(wanted): Body<Wanted>) -> Result<Json<Prompts>> {
    if !(1..=10_000).contains(&wanted.max_prompts) {
        return Err(Error::invalid(&["body", "max_prompts"], "Input should be between 1 and 10000"));
    }
    let expanded = tokio::task::spawn_blocking(move || expand_now(wanted)).await.map_err(Error::internal)?;
    Ok(Json(expanded))
}

fn expand_now(wanted: Wanted) -> Prompts {
    let wildcards = dynamic_prompts::wildcards(&wanted.prompt);
    if wanted.combinatorial && !wildcards.is_empty() {
        let error = format!("No values found for wildcard(s): {}", wildcards.join(", "));
        return Prompts { prompts: vec![wanted.prompt], error: Some(error) };
    }
    let template = match Template::parse(&wanted.prompt) {
        Ok(template) => template,
        Err(error) => return Prompts { prompts: vec![wanted.prompt], error: Some(error.to_string()) },
    };
    let prompts = if wanted.combinatorial {
        template.combinations(wanted.max_prompts)
    } else {
        let mut random = wanted.seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64);
        (0..wanted.max_prompts).map(|_| template.sample(&mut random)).collect()
    };
    Prompts { prompts: if prompts.is_empty() { vec![String::new()] } else { prompts }, error: None }
}

/// Fonts for the canvas.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserFontsResponse")]
struct Fonts {
    fonts: Vec<String>,
}

/// The service keeps no fonts.
async fn fonts() -> Json<Fonts> {
    Json(Fonts { fonts: Vec::new() })
}

/// There are no fonts of people's own here.
async fn missing_font() -> Error {
    Error::not_found("Font file not found")
}
