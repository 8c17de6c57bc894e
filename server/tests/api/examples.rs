//! One request for every route, which its owner or an administrator may make.
use crate::{
    app::{Answer, Client},
    world::{SECRET, Things, batch, preset, small_png, workflow},
};
use axum::http::Method;
use serde_json::{Value, json};
use server::access::Endpoint;

/// What is sent.
#[derive(Debug)]
pub(crate) enum Content {
    Nothing,
    Json(Value),
    /// Name, content type, bytes.
    Form(Vec<(&'static str, &'static str, Vec<u8>)>),
}

/// One request.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) content: Content,
}

impl Example {
    pub(crate) async fn send(&self, client: &Client) -> Answer {
        let method = self.method.clone();
        match &self.content {
            Content::Nothing => client.send(method, &self.path, None).await,
            Content::Json(body) => client.send(method, &self.path, Some(body.clone())).await,
            Content::Form(parts) => {
                let parts: Vec<(&str, &str, &[u8])> =
                    parts.iter().map(|(name, kind, data)| (*name, *kind, data.as_slice())).collect();
                client.send_form(method, &self.path, &parts).await
            }
        }
    }
}

/// The example of a route. A route that takes something must be described here.
pub(crate) fn of(endpoint: &Endpoint, things: &Things) -> Example {
    let mut path = endpoint.path.clone();
    for (name, value) in parameters(things) {
        path = path.replace(&format!("{{{name}}}"), &value);
    }
    assert!(!path.contains('{'), "no example for a part of {path}");
    path += &query(endpoint, things);
    Example { method: endpoint.method.clone(), path, content: content(endpoint, things) }
}

fn parameters(things: &Things) -> Vec<(&'static str, String)> {
    vec![
        ("user_id", things.user_id.clone()),
        ("image_name", things.image.clone()),
        ("board_id", things.board.clone()),
        ("workflow_id", things.workflow.clone()),
        ("style_preset_id", things.preset.clone()),
        ("system_prompt_id", things.prompt.clone()),
        ("bulk_download_item_name", things.download.clone()),
        ("queue_id", "default".into()),
        ("item_id", things.item_id.to_string()),
        ("batch_id", things.batch_id.clone()),
        ("destination", SECRET.into()),
        ("key", things.model.clone()),
        ("model_key", things.model.clone()),
        ("id", things.install.to_string()),
        ("date", chrono::Utc::now().format("%Y-%m-%d").to_string()),
        ("video_name", "none-such.mp4".into()),
        ("provider_id", "openai".into()),
        ("*font_path", "none-such.ttf".into()),
        ("pack_name", "none-such".into()),
    ]
}

fn query(endpoint: &Endpoint, things: &Things) -> String {
    let board = &things.board;
    match (endpoint.method.as_str(), endpoint.path.as_str()) {
        ("GET", "/api/v1/boards/") => "?all=true".into(),
        ("POST", "/api/v1/boards/") => "?board_name=own".into(),
        ("GET", "/api/v1/images/" | "/api/v1/images/names") => format!("?board_id={board}"),
        ("GET", "/api/v1/gallery/items/" | "/api/v1/gallery/item_names" | "/api/v1/gallery/items/names") => {
            format!("?board_id={board}")
        }
        ("POST", "/api/v1/images/upload") => "?image_category=user&is_intermediate=false".into(),
        ("GET", "/api/v1/client_state/{queue_id}/get_by_key") => format!("?key={SECRET}"),
        ("GET", "/api/v1/client_state/{queue_id}/get_keys_by_prefix") => "?prefix=secret".into(),
        ("POST", "/api/v1/client_state/{queue_id}/set_by_key") => "?key=new".into(),
        ("POST", "/api/v1/client_state/{queue_id}/delete_by_key") => format!("?key={SECRET}"),
        ("PUT", "/api/v1/queue/{queue_id}/cancel_by_destination")
        | ("GET", "/api/v1/queue/{queue_id}/counts_by_destination") => format!("?destination={SECRET}"),
        ("GET", "/api/v1/workflows/counts_by_tag") => format!("?tags={SECRET}"),
        ("GET", "/api/v1/workflows/counts_by_category") => "?categories=user".into(),
        ("GET", "/api/v2/models/get_by_attrs") => {
            let name = things.model_path.rsplit('/').next().unwrap();
            format!("?name={name}&type=main&base=sd-1")
        }
        ("GET", "/api/v2/models/get_by_hash") => {
            // Folders without weights all have the hash of nothing.
            "?hash=blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262".into()
        }
        ("GET", "/api/v2/models/scan_folder") => format!("?scan_path={}", things.model_path),
        ("POST", "/api/v2/models/install") => format!("?source={}&inplace=true", things.model_path),
        ("GET", "/api/v2/models/hugging_face") => "?hugging_face_repo=a/b".into(),
        ("GET", "/api/v2/models/install/huggingface") => "?source=a/b".into(),
        _ => String::new(),
    }
}

fn content(endpoint: &Endpoint, things: &Things) -> Content {
    let path = endpoint.path.as_str();
    let image_names = || json!({ "image_names": [things.image] });
    let body = match (endpoint.method.as_str(), path) {
        ("GET" | "HEAD", _) => return Content::Nothing,
        ("POST", "/api/v1/auth/setup") => {
            json!({ "email": "new@example.com", "password": "Correct-Horse-7" })
        }
        ("POST", "/api/v1/auth/login") => json!({ "email": "nobody@example.com", "password": "wrong" }),
        ("POST", "/api/v1/auth/users") => {
            json!({ "email": format!("{}@example.com", uuid::Uuid::new_v4()), "password": "Correct-Horse-7" })
        }
        ("POST", "/api/v1/cluster/users/{user_id}/reassign") => json!({ "to": things.heir }),
        ("PATCH", "/api/v1/auth/users/{user_id}" | "/api/v1/auth/me") => json!({ "display_name": "Anna" }),
        ("POST", "/api/v1/client_state/{queue_id}/set_by_key") => json!("value"),
        ("POST", "/api/v1/board_images/") => json!({ "board_id": things.board, "image_name": things.image }),
        ("DELETE", "/api/v1/board_images/") => json!({ "image_name": things.image }),
        ("POST", "/api/v1/board_images/batch") => {
            json!({ "board_id": things.board, "image_names": [things.image] })
        }
        ("POST", "/api/v1/board_images/batch/delete") => image_names(),
        ("PATCH", "/api/v1/boards/{board_id}") => json!({ "board_name": format!("{SECRET}-2") }),
        ("POST", "/api/v1/images/upload") => return picture("file"),
        ("POST", "/api/v1/images/") => json!({ "width": 64, "height": 64 }),
        ("PATCH", "/api/v1/images/i/{image_name}") => json!({ "starred": true }),
        (
            "POST",
            "/api/v1/images/images_by_names"
            | "/api/v1/images/delete"
            | "/api/v1/images/star"
            | "/api/v1/images/unstar"
            | "/api/v1/images/download",
        ) => image_names(),
        ("POST", "/api/v1/model_relationships/") => {
            json!({ "model_key_1": things.model, "model_key_2": things.other_model })
        }
        ("DELETE", "/api/v1/model_relationships/") => {
            json!({ "model_key_1": things.model, "model_key_2": things.related_model })
        }
        ("POST", "/api/v1/model_relationships/batch") => json!({ "model_keys": [things.model] }),
        ("POST", "/api/v1/queue/{queue_id}/enqueue_batch") => {
            json!({ "batch": batch("own"), "prepend": false })
        }
        ("PUT", "/api/v1/queue/{queue_id}/retry_items_by_id") => json!([things.item_id]),
        (
            "POST",
            "/api/v1/queue/{queue_id}/items_by_ids" | "/api/v1/queue/{queue_id}/item_summaries_by_ids",
        ) => {
            json!({ "item_ids": [things.item_id] })
        }
        ("PUT", "/api/v1/queue/{queue_id}/cancel_by_batch_ids") => json!({ "batch_ids": [things.batch_id] }),
        ("POST", "/api/v1/style_presets/") | ("PATCH", "/api/v1/style_presets/i/{style_preset_id}") => {
            return Content::Form(vec![("data", "text/plain", preset("changed").to_string().into_bytes())]);
        }
        ("POST", "/api/v1/style_presets/import") => {
            let presets = json!([{ "name": "a", "prompt": "b", "negative_prompt": "c" }]);
            return Content::Form(vec![("file", "application/json", presets.to_string().into_bytes())]);
        }
        ("POST", "/api/v1/system_prompts/") => json!({ "name": "a", "content": "b" }),
        ("PATCH", "/api/v1/system_prompts/i/{system_prompt_id}") => json!({ "name": "changed" }),
        ("POST", "/api/v1/workflows/") => json!({ "workflow": workflow("", "own") }),
        ("PATCH", "/api/v1/workflows/i/{workflow_id}") => {
            json!({ "workflow": workflow(&things.workflow, SECRET) })
        }
        ("PATCH", "/api/v1/workflows/i/{workflow_id}/is_public") => json!({ "is_public": false }),
        ("PUT", "/api/v1/workflows/i/{workflow_id}/thumbnail")
        | ("PATCH", "/api/v2/models/i/{key}/image") => {
            return picture("image");
        }
        ("PATCH", "/api/v2/models/i/{key}") => json!({ "description": "changed" }),
        ("POST", "/api/v2/models/i/bulk_delete" | "/api/v2/models/i/bulk_reidentify") => {
            json!({ "keys": [things.model] })
        }
        ("POST", "/api/v2/models/install") => json!({}),
        ("POST", "/api/v1/utilities/dynamicprompts") => json!({ "prompt": "a {red|blue} ball" }),
        ("POST", "/api/v1/app/logging") => json!(20),
        ("PATCH", "/api/v1/app/runtime_config") => json!({ "max_queue_history": 10 }),
        ("POST", "/api/v1/recall/{queue_id}") => json!({ "positive_prompt": "own" }),
        ("POST", "/api/v1/app/external_providers/config/{provider_id}") => {
            json!({ "base_url": "http://localhost" })
        }
        ("POST", "/api/v1/videos/delete" | "/api/v1/videos/star" | "/api/v1/videos/unstar") => {
            json!({ "video_names": ["none-such.mp4"] })
        }
        ("POST", "/api/v1/videos/board") => {
            json!({ "board_id": things.board, "video_name": "none-such.mp4" })
        }
        ("DELETE", "/api/v1/videos/board") => json!({ "video_name": "none-such.mp4" }),
        ("PATCH", "/api/v1/videos/i/{video_name}") => json!({ "starred": true }),
        ("DELETE", "/api/v2/models/sync/orphaned") => json!({ "paths": [] }),
        ("POST", "/api/v2/custom_nodes/install") => json!({ "source": "https://example.com/a/pack.git" }),
        ("POST", "/api/v2/models/hf_login") => json!({ "token": "none" }),
        _ => return Content::Nothing,
    };
    Content::Json(body)
}

fn picture(part: &'static str) -> Content {
    Content::Form(vec![(part, "image/png", small_png())])
}
