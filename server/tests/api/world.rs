//! People and what they own. Everything of the owner carries [`SECRET`], so a leak is easy to see.
use crate::app::{Client, TestApp};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use std::path::Path;
use store::accounts::{self, Account, AccountChanges};

/// A word that only the owner and administrators may see.
pub(crate) const SECRET: &str = "secret-of-the-owner";

/// The people of these tests.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) owner: Account,
    pub(crate) roles: [(Role, Client); 6],
    directory: tempfile::TempDir,
}

/// In which relation somebody stands to what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Anonymous,
    Disabled,
    Revoked,
    Other,
    Owner,
    Admin,
}

/// What the owner has, newly made.
pub(crate) struct Things {
    pub(crate) user_id: String,
    pub(crate) heir: String,
    pub(crate) image: String,
    pub(crate) board: String,
    pub(crate) workflow: String,
    pub(crate) preset: String,
    pub(crate) prompt: String,
    pub(crate) download: String,
    pub(crate) item_id: i64,
    pub(crate) batch_id: String,
    pub(crate) model: String,
    pub(crate) other_model: String,
    pub(crate) related_model: String,
    pub(crate) model_path: String,
    pub(crate) install: i64,
}

impl World {
    pub(crate) async fn build(pool: PgPool) -> Self {
        let app = TestApp::with(pool, |config| config.max_queue_size = 100_000).await;
        let owner = app.account("anna", false).await;
        let disabled = app.account("dora", false).await;
        let disabled_client = app.client_of(&disabled);
        change(&app, &disabled, AccountChanges { is_active: Some(false), ..AccountChanges::default() }).await;
        let revoked = app.account("rosa", true).await;
        let revoked_client = app.client_of(&revoked);
        change(&app, &revoked, AccountChanges { password_hash: Some("new"), ..AccountChanges::default() })
            .await;
        let roles = [
            (Role::Anonymous, app.anonymous()),
            (Role::Disabled, disabled_client),
            (Role::Revoked, revoked_client),
            (Role::Other, app.with_user("ben").await),
            (Role::Owner, app.client_of(&owner)),
            (Role::Admin, app.with_admin("admin").await),
        ];
        Self { app, owner, roles, directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn client(&self, role: Role) -> &Client {
        &self.roles.iter().find(|(other, _)| *other == role).unwrap().1
    }

    /// New things of the owner.
    pub(crate) async fn things(&self) -> Things {
        let owner = self.client(Role::Owner);
        let text = async |answer: crate::app::Answer, field: &str| {
            answer.json()[field].as_str().unwrap_or_else(|| panic!("{field} of {answer:?}")).to_owned()
        };
        let image = upload(owner, "&is_intermediate=false", SECRET).await;
        let board =
            text(owner.post(&format!("/api/v1/boards/?board_name={SECRET}"), json!({})).await, "board_id")
                .await;
        let on_board = json!({ "board_id": board, "image_name": image });
        assert_eq!(owner.post("/api/v1/board_images/", on_board).await.status, 201);
        let workflow = text(
            owner.post("/api/v1/workflows/", json!({ "workflow": workflow("", SECRET) })).await,
            "workflow_id",
        )
        .await;
        let picture = small_png();
        let thumbnail = format!("/api/v1/workflows/i/{workflow}/thumbnail");
        let parts: [(&str, &str, &[u8]); 1] = [("image", "image/png", &picture)];
        assert_eq!(owner.send_form(axum::http::Method::PUT, &thumbnail, &parts).await.status, 200);
        let data = preset(SECRET).to_string();
        let parts: [(&str, &str, &[u8]); 2] =
            [("data", "text/plain", data.as_bytes()), ("image", "image/png", &picture)];
        let preset =
            text(owner.send_form(axum::http::Method::POST, "/api/v1/style_presets/", &parts).await, "id")
                .await;
        let prompt = json!({ "name": SECRET, "content": SECRET });
        let prompt = text(owner.post("/api/v1/system_prompts/", prompt).await, "id").await;
        let download = owner.post("/api/v1/images/download", json!({ "image_names": [image] })).await;
        let download = text(download, "bulk_download_item_name").await;
        let state = format!("/api/v1/client_state/default/set_by_key?key={SECRET}");
        assert_eq!(owner.post(&state, json!(SECRET)).await.status, 200);
        let enqueued =
            owner.post("/api/v1/queue/default/enqueue_batch", json!({ "batch": batch(SECRET) })).await.json();
        let (model, model_path) = self.model().await;
        let (other_model, _) = self.model().await;
        let (related_model, _) = self.model().await;
        store::model_relationships::insert(&self.app.state.pool, &model, &related_model).await.unwrap();
        let parts: [(&str, &str, &[u8]); 1] = [("image", "image/png", &picture)];
        let path = format!("/api/v2/models/i/{model}/image");
        let admin = self.client(Role::Admin);
        assert_eq!(admin.send_form(axum::http::Method::PATCH, &path, &parts).await.status, 200);
        let source = json!({ "type": "local", "path": model_path });
        let job = json!({ "status": "waiting", "config_in": {}, "source": source, "local_path": model_path });
        let install =
            store::model_installs::insert(&self.app.state.pool, job).await.unwrap()["id"].as_i64().unwrap();
        Things {
            user_id: self.app.account(&uuid::Uuid::new_v4().to_string(), false).await.user_id,
            heir: self.app.account(&uuid::Uuid::new_v4().to_string(), false).await.user_id,
            image,
            board,
            workflow,
            preset,
            prompt,
            download,
            item_id: enqueued["item_ids"][0].as_i64().unwrap_or_else(|| panic!("{enqueued}")),
            batch_id: enqueued["batch"]["batch_id"].as_str().unwrap().to_owned(),
            model,
            other_model,
            related_model,
            model_path,
            install,
        }
    }

    /// A model that everybody may use: its key and where it is.
    async fn model(&self) -> (String, String) {
        let folder = self.directory.path().join(uuid::Uuid::new_v4().to_string());
        write_model(&folder);
        let path = folder.to_string_lossy().into_owned();
        let config = server::routes::models::register_local_model(
            &self.app.state.pool,
            &folder,
            &path,
            &Default::default(),
        )
        .await
        .unwrap();
        (config["key"].as_str().unwrap().to_owned(), path)
    }

    /// Everything that belongs to the owner or to all, as text.
    pub(crate) async fn belongings(&self) -> String {
        let mut all = String::new();
        for table in [
            "users",
            "boards",
            "images",
            "image_downloads",
            "workflows",
            "style_presets",
            "system_prompts",
            "client_state",
            "queue_items",
        ] {
            all += &self.rows(table, &format!("where user_id = '{}'", self.owner.user_id)).await;
        }
        for table in ["models", "model_relationships", "model_installs", "queue_processor", "settings"] {
            all += &self.rows(table, "").await;
        }
        all
    }

    async fn rows(&self, table: &str, filter: &str) -> String {
        let query = format!(
            "select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from (select * from {table} {filter}) t"
        );
        let rows: String =
            sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&self.app.state.pool).await.unwrap();
        format!("{table}\n{rows}\n")
    }
}

async fn change(app: &TestApp, account: &Account, changes: AccountChanges<'_>) {
    accounts::update(&app.state.pool, &account.user_id, &changes).await.unwrap();
}

/// Uploads an image with metadata that hold a word; returns its name.
pub(crate) async fn upload(client: &Client, more: &str, word: &str) -> String {
    let picture = small_png();
    let metadata = json!({ "positive_prompt": word }).to_string();
    let parts: [(&str, &str, &[u8]); 2] =
        [("file", "image/png", &picture), ("metadata", "text/plain", metadata.as_bytes())];
    let path = format!("/api/v1/images/upload?image_category=general{more}");
    let answer = client.send_form(axum::http::Method::POST, &path, &parts).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()["image_name"].as_str().unwrap().to_owned()
}

pub(crate) fn small_png() -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(8, 8).write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

/// A workflow as the editor sends it.
pub(crate) fn workflow(id: &str, word: &str) -> Value {
    json!({
        "id": id, "name": word, "author": "", "description": word, "version": "", "contact": "", "tags": word,
        "notes": "", "exposedFields": [], "meta": { "version": "3.0.0", "category": "user" }, "nodes": [], "edges": [],
        "form": null,
    })
}

/// The data of a style preset.
pub(crate) fn preset(name: &str) -> Value {
    json!({ "name": name, "positive_prompt": name, "negative_prompt": name, "type": "user" })
}

/// A batch of one item.
pub(crate) fn batch(word: &str) -> Value {
    let nodes = json!({ "a": { "id": "a", "type": "integer", "value": 1 } });
    json!({
        "graph": { "id": word, "nodes": nodes, "edges": [] }, "runs": 1, "origin": word, "destination": word,
        "workflow": workflow("w", word),
        "data": [[{ "node_path": "a", "field_name": "value", "items": [7] }]],
    })
}

/// The files by which a diffusers folder is recognized.
fn write_model(folder: &Path) {
    std::fs::create_dir_all(folder.join("unet")).unwrap();
    std::fs::write(folder.join("model_index.json"), r#"{"_class_name":"StableDiffusionPipeline"}"#).unwrap();
    std::fs::write(folder.join("unet/config.json"), r#"{"cross_attention_dim":768,"in_channels":4}"#)
        .unwrap();
}
