//! A context for tests of single nodes: pictures in memory, models from a list.
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use image::DynamicImage;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{InvocationContext, NewPicture, Node, Progress, Surroundings};
use crate::inference::ModelManager;
use crate::invocation::InvocationError;
use crate::invocation::fields::MetadataField;

/// Pictures and models that a test lays out for a node.
#[derive(Default)]
pub(crate) struct Workbench {
    pictures: Mutex<HashMap<String, (DynamicImage, Option<String>)>>,
    models: Mutex<Vec<Value>>,
    progress: Mutex<Vec<Progress>>,
}

impl Workbench {
    /// Lays out a picture under a name.
    pub(crate) fn put(&self, name: &str, picture: DynamicImage) {
        self.pictures.lock().unwrap().insert(name.to_owned(), (picture, None));
    }

    /// Lays out a model by its configuration (`key`, `name`, `base`, `type`, `path`).
    pub(crate) fn put_model(&self, config: Value) {
        self.models.lock().unwrap().push(config);
    }

    /// The picture under a name, laid out or saved by a node.
    pub(crate) fn picture(&self, name: &str) -> DynamicImage {
        self.pictures.lock().unwrap()[name].0.clone()
    }

    /// A context for one node, whose id is `node`.
    pub(crate) fn context(self: &Arc<Self>) -> InvocationContext {
        InvocationContext {
            surroundings: self.clone(),
            models: Arc::new(ModelManager::new(1 << 30)),
            tensors: Arc::default(),
            canceled: CancellationToken::new(),
            node: Node { id: "node".into(), is_intermediate: false },
        }
    }
}

impl Surroundings for Workbench {
    fn image(&self, name: &str) -> Result<DynamicImage, InvocationError> {
        let pictures = self.pictures.lock().unwrap();
        pictures
            .get(name)
            .map(|(picture, _)| picture.clone())
            .ok_or_else(|| InvocationError::NotFound(name.to_owned()))
    }

    fn image_size(&self, name: &str) -> Result<(u32, u32), InvocationError> {
        self.image(name).map(|picture| (picture.width(), picture.height()))
    }

    fn image_metadata(&self, name: &str) -> Result<Option<MetadataField>, InvocationError> {
        let pictures = self.pictures.lock().unwrap();
        let (_, metadata) = pictures.get(name).ok_or_else(|| InvocationError::NotFound(name.to_owned()))?;
        Ok(metadata.as_ref().map(|text| serde_json::from_str(text).unwrap()))
    }

    fn save_image(&self, _node: &Node, new: NewPicture) -> Result<String, InvocationError> {
        let name = format!("{}.png", uuid::Uuid::new_v4());
        self.pictures.lock().unwrap().insert(name.clone(), (new.picture, new.metadata));
        Ok(name)
    }

    fn model(&self, key: &str) -> Result<Option<Value>, InvocationError> {
        Ok(self.models.lock().unwrap().iter().find(|config| config["key"] == key).cloned())
    }

    fn find_model(&self, name: &str, base: &str, model_type: &str) -> Result<Option<Value>, InvocationError> {
        let fits = |config: &&Value| {
            (config["key"] == name || config["name"] == name)
                && config["base"] == base
                && config["type"] == model_type
        };
        Ok(self.models.lock().unwrap().iter().find(fits).cloned())
    }

    fn model_named(&self, name: &str, model_type: &str) -> Result<Option<Value>, InvocationError> {
        let fits = |config: &&Value| config["name"] == name && config["type"] == model_type;
        Ok(self.models.lock().unwrap().iter().find(fits).cloned())
    }

    fn style_preset(&self, id: &str) -> Result<(String, String), InvocationError> {
        Err(InvocationError::NotFound(id.to_owned()))
    }

    fn path_of(&self, config: &Value) -> Result<PathBuf, InvocationError> {
        Ok(config["path"].as_str().unwrap().into())
    }

    fn model_load(&self, _event: &'static str, _config: &Value, _submodel: Option<&str>) {}

    fn progress(&self, _node: &Node, progress: Progress) {
        self.progress.lock().unwrap().push(progress);
    }
}
