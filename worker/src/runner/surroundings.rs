//! Images and models as the owner of a running item may use them.
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use domain::account::CurrentUser;
use image::DynamicImage;
use serde_json::{Value, json};
use store::boards::{self, Access as BoardAccess};
use store::images::{self, Access, ImageOrigin, NewImage};
use store::picture::{self, Embedded, Encoded};
use store::queue::ClaimedItem;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::Worker;
use super::outage::{is_duplicate, outlast};
use super::reports::{self, Report, Reports};
use crate::invocation::InvocationError;
use crate::invocation::context::{NewPicture, Node, Progress, Surroundings};
use crate::invocation::fields::MetadataField;

/// The world of one running item.
pub(super) struct ItemSurroundings {
    pub(super) worker: Arc<Worker>,
    pub(super) item: Arc<ClaimedItem>,
    pub(super) reports: Reports,
    /// The nodes' thread is none of the runtime's, so it may wait for it.
    pub(super) runtime: Handle,
    /// Cancelled when the item is stopped.
    pub(super) stopped: CancellationToken,
    /// The graph as it is written into images.
    pub(super) graph: Option<String>,
    /// What events of the running node say about it.
    pub(super) invocation: Mutex<Value>,
    /// Configurations that were looked up; a session sees one state of them.
    pub(super) models: Mutex<HashMap<String, Value>>,
}

impl ItemSurroundings {
    /// The owner as the account is now: whoever lost access in the meantime does not keep it here.
    async fn owner(&self, purpose: &str) -> Result<CurrentUser, InvocationError> {
        let account = store::accounts::by_id(&self.worker.pool, &self.item.user_id).await?;
        match account.filter(|account| account.is_active) {
            Some(account) => Ok(CurrentUser { user_id: account.user_id, is_admin: account.is_admin }),
            None => Err(InvocationError::Forbidden(format!("Queue user is not authorized to {purpose}"))),
        }
    }

    async fn row(&self, name: &str) -> Result<images::Image, InvocationError> {
        let owner = self.owner("access this image").await?;
        images::get(&self.worker.pool, &owner, name, Access::Read).await.map_err(|error| match error {
            store::Error::NotFound => InvocationError::NotFound(format!("the image {name} does not exist")),
            store::Error::Forbidden => {
                InvocationError::Forbidden("Queue user is not authorized to access this image".into())
            }
            other => other.into(),
        })
    }

    /// The board to save to, when the owner may; a board that is gone does not cost the picture.
    async fn board(
        &self,
        owner: &CurrentUser,
        board_id: Option<String>,
    ) -> Result<Option<String>, InvocationError> {
        let Some(board_id) = board_id else { return Ok(None) };
        match boards::get(&self.worker.pool, owner, &board_id, BoardAccess::Contribute).await {
            Ok(_) => Ok(Some(board_id)),
            Err(store::Error::NotFound) => Ok(None),
            Err(store::Error::Forbidden) => Err(InvocationError::Forbidden(
                "Queue user is not authorized to save images to this board".into(),
            )),
            Err(other) => Err(other.into()),
        }
    }

    /// Asks the database, and waits for it when it is away.
    fn wait_for<T>(
        &self,
        work: impl AsyncFn(bool) -> Result<T, InvocationError>,
    ) -> Result<T, InvocationError> {
        self.runtime.block_on(outlast(&self.stopped, work))
    }

    /// Stores the files, then the row, under a name that a repetition keeps.
    async fn save(
        &self,
        new: &NewPicture,
        encoded: &Encoded,
        row: NewImage,
        again: bool,
    ) -> Result<(), InvocationError> {
        let owner = self.owner("save images").await?;
        let board_id = self.board(&owner, new.board_id.clone()).await?;
        let name = row.image_name.clone();
        self.worker.files.put(&name, encoded.png.clone(), encoded.thumbnail.clone()).await?;
        match images::record_for(&self.worker.pool, &self.item, &NewImage { board_id, ..row }).await {
            Ok(()) => Ok(()),
            Err(error) if again && is_duplicate(&error) => Ok(()),
            Err(error @ store::Error::Database(_)) => Err(error.into()),
            Err(error) => {
                self.worker.files.delete(&name).await.ok();
                Err(if matches!(error, store::Error::LeaseLost) {
                    InvocationError::Canceled
                } else {
                    error.into()
                })
            }
        }
    }

    /// The row of a picture, as upstream fills it in.
    fn row_of(&self, node: &Node, new: &NewPicture, embedded: &Embedded) -> NewImage {
        let pixels = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
        NewImage {
            image_name: format!("{}.png", uuid::Uuid::new_v4()),
            user_id: self.item.user_id.clone(),
            session_id: Some(self.item.session_id.clone()),
            node_id: Some(node.id.clone()),
            category: new.category,
            origin: ImageOrigin::Internal,
            width: pixels(new.picture.width()),
            height: pixels(new.picture.height()),
            is_intermediate: node.is_intermediate,
            metadata: embedded.metadata.clone(),
            workflow: embedded.workflow.clone(),
            graph: embedded.graph.clone(),
            board_id: None,
        }
    }
}

impl Surroundings for ItemSurroundings {
    fn image(&self, name: &str) -> Result<DynamicImage, InvocationError> {
        let file = self.wait_for(async |_| {
            self.row(name).await?;
            Ok(self.worker.files.image(name).await?)
        })?;
        Ok(image::load_from_memory(&file)?)
    }

    fn image_size(&self, name: &str) -> Result<(u32, u32), InvocationError> {
        let row = self.wait_for(async |_| self.row(name).await)?;
        Ok((row.width.unsigned_abs(), row.height.unsigned_abs()))
    }

    fn image_metadata(&self, name: &str) -> Result<Option<MetadataField>, InvocationError> {
        let text = self.wait_for(async |_| {
            let owner = self.owner("access this image").await?;
            self.row(name).await?;
            Ok(images::metadata(&self.worker.pool, &owner, name).await?)
        })?;
        let parse = |text: String| {
            serde_json::from_str(&text).map_err(|error| InvocationError::Internal(error.to_string()))
        };
        text.map(parse).transpose()
    }

    fn save_image(&self, node: &Node, new: NewPicture) -> Result<String, InvocationError> {
        let workflow =
            self.item.workflow.as_ref().filter(|workflow| !workflow.is_null()).map(Value::to_string);
        let embedded = Embedded { metadata: new.metadata.clone(), workflow, graph: self.graph.clone() };
        let encoded = picture::encode(&new.picture, &embedded)
            .map_err(|error| InvocationError::Internal(format!("the image cannot be written: {error}")))?;
        let row = self.row_of(node, &new, &embedded);
        let image_name = row.image_name.clone();
        self.wait_for(async |again| self.save(&new, &encoded, row.clone(), again).await)?;
        Ok(image_name)
    }

    fn model(&self, key: &str) -> Result<Option<Value>, InvocationError> {
        let mut known = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = known.get(key) {
            return Ok(Some(config.clone()));
        }
        let found = self.wait_for(async |_| match store::models::get(&self.worker.pool, key).await {
            Ok(config) => Ok(Some(config)),
            Err(store::Error::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        })?;
        if let Some(config) = &found {
            known.insert(key.to_owned(), config.clone());
        }
        Ok(found)
    }

    fn find_model(&self, name: &str, base: &str, model_type: &str) -> Result<Option<Value>, InvocationError> {
        let fits = |config: &Value| config["base"] == base && config["type"] == model_type;
        if let Some(config) = self.model(name)?.filter(fits) {
            return Ok(Some(config));
        }
        let filter = store::models::Filter {
            bases: Some(vec![base.to_owned()]),
            r#type: Some(model_type.to_owned()),
            name: Some(name.to_owned()),
            format: None,
        };
        let found = self.wait_for(async |_| Ok(store::models::list(&self.worker.pool, &filter).await?))?;
        Ok(found.into_iter().next())
    }

    fn model_named(&self, name: &str, model_type: &str) -> Result<Option<Value>, InvocationError> {
        let filter = store::models::Filter {
            bases: None,
            r#type: Some(model_type.to_owned()),
            name: Some(name.to_owned()),
            format: None,
        };
        let found = self.wait_for(async |_| Ok(store::models::list(&self.worker.pool, &filter).await?))?;
        Ok(found.into_iter().next())
    }

    fn style_preset(&self, id: &str) -> Result<(String, String), InvocationError> {
        self.wait_for(async |_| {
            let owner = self.owner("use this style preset").await?;
            let preset =
                store::style_presets::get(&self.worker.pool, &owner, id).await.map_err(
                    |error| match error {
                        store::Error::NotFound => {
                            InvocationError::NotFound(format!("the style preset {id} does not exist"))
                        }
                        other => other.into(),
                    },
                )?;
            Ok((preset.positive_prompt, preset.negative_prompt))
        })
    }

    fn path_of(&self, config: &Value) -> Result<PathBuf, InvocationError> {
        let path = config["path"].as_str().map(Path::new);
        let path = path.ok_or_else(|| InvocationError::Internal("the model has no path".into()))?;
        Ok(self.worker.settings.models_dir.join(path))
    }

    fn model_load(&self, event: &'static str, config: &Value, submodel: Option<&str>) {
        let payload = json!({ "config": config, "submodel_type": submodel });
        self.reports.send(Report::Event(event, payload)).ok();
    }

    fn progress(&self, _node: &Node, progress: Progress) {
        let invocation = self.invocation.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Value::Object(mut payload) = invocation else { return };
        let image = progress
            .preview
            .zip(progress.picture_size)
            .and_then(|(picture, size)| reports::preview(&picture, size));
        payload.insert("message".into(), progress.message.into());
        payload.insert("percentage".into(), progress.fraction.into());
        payload.insert("image".into(), image.into());
        payload.insert("device".into(), Value::Null);
        self.reports.send(Report::Progress(payload.into())).ok();
    }
}
