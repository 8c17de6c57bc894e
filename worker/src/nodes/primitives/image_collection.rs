//! `image_collection`: a list of images.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// A list of images: those that come through an edge, then those that are set here.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ImageCollection {
    /// Images from other nodes.
    #[schemars(extend("input" = "connection", "ui_order" = 0))]
    collection: Option<Vec<ImageField>>,
    /// Images that are set on the node.
    #[schemars(extend("input" = "direct", "ui_order" = 1))]
    images: Option<Vec<ImageField>>,
}

impl Invocation for ImageCollection {
    const TYPE: &'static str = "image_collection";
    const SCHEMA_NAME: &'static str = "ImageCollectionInvocation";
    const TITLE: &'static str = "Image Collection Primitive";
    const CATEGORY: &'static str = "primitives";
    const VERSION: &'static str = "1.0.2";
    type Output = ImageCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<ImageCollectionOutput, InvocationError> {
        let collection = self.collection.into_iter().chain(self.images).flatten().collect();
        Ok(ImageCollectionOutput { collection })
    }
}
