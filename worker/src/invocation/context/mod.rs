//! What a node sees of the world.
//!
//! - [`InvocationContext`]: images, tensors, models, progress and cancellation
//! - [`surroundings`]: what is behind it: a running item, or a test
//! - [`tensors`]: the tensors of a session
mod surroundings;
mod tensors;
#[cfg(test)]
pub(crate) mod workbench;

use std::path::PathBuf;
use std::sync::Arc;

use image::{DynamicImage, RgbImage};
use ndarray::{Array3, ArrayD};
use serde_json::Value;
use store::images::ImageCategory;
use tokio_util::sync::CancellationToken;

use super::InvocationError;
use super::fields::{BoardField, MetadataField, ModelIdentifierField};
use crate::inference::ModelManager;

pub(crate) use surroundings::{NewPicture, Progress, Surroundings};
pub(crate) use tensors::Tensors;

/// Pixels of the picture to one pixel of a preview.
const PREVIEW_SCALE: u32 = 8;

/// The node that runs.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Its id in the execution graph.
    pub(crate) id: String,
    /// Whether what it makes stays out of the gallery.
    pub(crate) is_intermediate: bool,
}

/// What a node sees of the world. Methods block; nodes run on a thread of their own.
pub struct InvocationContext {
    pub(crate) surroundings: Arc<dyn Surroundings>,
    pub(crate) models: Arc<ModelManager>,
    pub(crate) tensors: Arc<Tensors>,
    pub(crate) canceled: CancellationToken,
    pub(crate) node: Node,
}

impl InvocationContext {
    /// The node's id in the execution graph.
    pub fn node_id(&self) -> &str {
        &self.node.id
    }

    /// An image that the item's owner may see.
    ///
    /// # Errors
    /// It does not exist, or belongs to somebody else.
    pub fn load_image(&self, name: &str) -> Result<DynamicImage, InvocationError> {
        self.surroundings.image(name)
    }

    /// Width and height of an image that the item's owner may see.
    ///
    /// # Errors
    /// As [`Self::load_image`].
    pub fn image_size(&self, name: &str) -> Result<(u32, u32), InvocationError> {
        self.surroundings.image_size(name)
    }

    /// The generation metadata of an image that the item's owner may see, if it has any.
    ///
    /// # Errors
    /// As [`Self::load_image`].
    pub fn image_metadata(&self, name: &str) -> Result<Option<MetadataField>, InvocationError> {
        self.surroundings.image_metadata(name)
    }

    /// Saves a picture for the gallery and returns its name.
    ///
    /// # Errors
    /// The owner may not write to the board, or the store fails.
    pub fn save_image(
        &self,
        picture: DynamicImage,
        board: Option<&BoardField>,
        metadata: Option<&MetadataField>,
    ) -> Result<String, InvocationError> {
        self.save_image_as(ImageCategory::General, picture, board, metadata)
    }

    /// As [`Self::save_image`], of another category, e.g. a mask.
    ///
    /// # Errors
    /// As [`Self::save_image`].
    pub fn save_image_as(
        &self,
        category: ImageCategory,
        picture: DynamicImage,
        board: Option<&BoardField>,
        metadata: Option<&MetadataField>,
    ) -> Result<String, InvocationError> {
        self.check_canceled()?;
        self.progress_message("Saving image");
        let new = NewPicture {
            picture,
            category,
            board_id: board.map(|board| board.board_id.clone()),
            metadata: metadata.map(|metadata| Value::Object(metadata.0.clone()).to_string()),
        };
        self.surroundings.save_image(&self.node, new)
    }

    /// A tensor of the session.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn load_tensor(&self, name: &str) -> Result<ArrayD<f32>, InvocationError> {
        let tensor = self.tensors.get(name);
        tensor
            .map(|tensor| tensor.as_ref().clone())
            .ok_or_else(|| InvocationError::NotFound(format!("the tensor {name} does not exist (any more)")))
    }

    /// Keeps a tensor for later nodes of the session and returns its name.
    pub fn save_tensor(&self, tensor: ArrayD<f32>) -> String {
        self.tensors.insert("Tensor", tensor)
    }

    /// Conditioning of the session, `[1, tokens, width]`.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn load_conditioning(&self, name: &str) -> Result<Array3<f32>, InvocationError> {
        let tensor = self.load_tensor(name)?;
        tensor
            .into_dimensionality()
            .map_err(|_| InvocationError::BadInput(format!("{name} is not conditioning")))
    }

    /// Keeps conditioning for later nodes of the session and returns its name.
    pub fn save_conditioning(&self, conditioning: Array3<f32>) -> String {
        self.tensors.insert("ConditioningFieldData", conditioning.into_dyn())
    }

    /// Where a model lies.
    ///
    /// # Errors
    /// The registry does not know it.
    pub fn model_path(&self, model: &ModelIdentifierField) -> Result<PathBuf, InvocationError> {
        self.surroundings.path_of(&self.model_config(model)?)
    }

    /// What the registry says about a model.
    ///
    /// # Errors
    /// The registry does not know it.
    pub fn model_config(&self, model: &ModelIdentifierField) -> Result<Value, InvocationError> {
        let unknown = || InvocationError::NotFound(format!("Unknown model: {} ({})", model.name, model.key));
        self.surroundings.model(&model.key)?.ok_or_else(unknown)
    }

    /// The path of the model of this kind that has `name` as its key or name; `None` if there is none.
    pub fn find_model(&self, name: &str, base: &str, model_type: &str) -> Option<PathBuf> {
        let found = self.surroundings.find_model(name, base, model_type);
        found.ok().flatten().and_then(|config| self.surroundings.path_of(&config).ok())
    }

    /// The loaded models.
    pub fn models(&self) -> &ModelManager {
        &self.models
    }

    /// Tells the item's owner that a model is being loaded, and that it is.
    ///
    /// # Errors
    /// Those of `load`.
    pub fn loading<T>(
        &self,
        model: &ModelIdentifierField,
        load: impl FnOnce() -> Result<T, InvocationError>,
    ) -> Result<T, InvocationError> {
        let config = self.model_config(model)?;
        self.surroundings.model_load("model_load_started", &config, model.submodel_type.as_deref());
        let loaded = load()?;
        self.surroundings.model_load("model_load_complete", &config, model.submodel_type.as_deref());
        Ok(loaded)
    }

    /// Tells the item's owner how far the node is, with a preview of one pixel for each 8 × 8 of the picture.
    pub fn progress(&self, done: usize, total: usize, message: &str, preview: Option<RgbImage>) {
        let fraction = done as f64 / total.max(1) as f64;
        let picture_size = preview
            .as_ref()
            .map(|preview| (preview.width() * PREVIEW_SCALE, preview.height() * PREVIEW_SCALE));
        self.surroundings.progress(
            &self.node,
            Progress {
                message: message.to_owned(),
                fraction: Some(fraction.clamp(0.0, 1.0)),
                preview,
                picture_size,
            },
        );
    }

    /// Tells the item's owner what the node does, without saying how long it takes.
    pub fn progress_message(&self, message: &str) {
        let progress =
            Progress { message: message.to_owned(), fraction: None, preview: None, picture_size: None };
        self.surroundings.progress(&self.node, progress);
    }

    /// Long nodes ask this now and then.
    ///
    /// # Errors
    /// [`InvocationError::Canceled`] once somebody canceled the item, or the worker has to let go of it.
    pub fn check_canceled(&self) -> Result<(), InvocationError> {
        if self.canceled.is_cancelled() { Err(InvocationError::Canceled) } else { Ok(()) }
    }
}
