//! What is behind a node's context: a running item of the queue, or a test.
use std::path::PathBuf;

use image::{DynamicImage, RgbImage};
use serde_json::Value;
use store::images::ImageCategory;

use super::Node;
use crate::invocation::InvocationError;
use crate::invocation::fields::MetadataField;

/// A picture to keep.
#[derive(Debug)]
pub(crate) struct NewPicture {
    /// Its pixels.
    pub(crate) picture: DynamicImage,
    /// What it is for.
    pub(crate) category: ImageCategory,
    /// The board to put it on.
    pub(crate) board_id: Option<String>,
    /// Generation metadata, JSON as text.
    pub(crate) metadata: Option<String>,
}

/// How far a node is.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// What it does.
    pub(crate) message: String,
    /// 0 to 1, if it knows.
    pub(crate) fraction: Option<f64>,
    /// A rough picture.
    pub(crate) preview: Option<RgbImage>,
    /// The size at which the rough picture is to be shown.
    pub(crate) picture_size: Option<(u32, u32)>,
}

/// Images and models as the item's owner may use them, and who hears of progress.
pub(crate) trait Surroundings: Send + Sync {
    /// An image that the owner may see.
    fn image(&self, name: &str) -> Result<DynamicImage, InvocationError>;
    /// Its width and height.
    fn image_size(&self, name: &str) -> Result<(u32, u32), InvocationError>;
    /// Its generation metadata.
    fn image_metadata(&self, name: &str) -> Result<Option<MetadataField>, InvocationError>;
    /// Keeps a picture and returns its name.
    fn save_image(&self, node: &Node, new: NewPicture) -> Result<String, InvocationError>;
    /// The configuration of the model with this key.
    fn model(&self, key: &str) -> Result<Option<Value>, InvocationError>;
    /// The configuration of the model of this kind with this key or name.
    fn find_model(&self, name: &str, base: &str, model_type: &str) -> Result<Option<Value>, InvocationError>;
    /// The configuration of a model of this type with this name, whatever its base.
    fn model_named(&self, name: &str, model_type: &str) -> Result<Option<Value>, InvocationError>;
    /// The prompt and the prompt against of a style preset that the owner may use.
    fn style_preset(&self, id: &str) -> Result<(String, String), InvocationError>;
    /// Where the model of a configuration lies.
    fn path_of(&self, config: &Value) -> Result<PathBuf, InvocationError>;
    /// Somebody may want to know that a model is being loaded.
    fn model_load(&self, event: &'static str, config: &Value, submodel: Option<&str>);
    /// Somebody may want to know how far the node is.
    fn progress(&self, node: &Node, progress: Progress);
}
