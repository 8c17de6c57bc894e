//! Where a node's picture goes: the inputs that all such nodes share.
use image::DynamicImage;
use schemars::JsonSchema;
use serde::Deserialize;
use store::images::ImageCategory;

use crate::invocation::fields::{BoardField, ImageField, MetadataField};
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{InvocationContext, InvocationError};

/// The inputs that say where a picture goes. Flattened into the nodes that save one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Destination {
    /// The board to save the image to.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "direct", "ui_hidden" = false))]
    board: Option<BoardField>,
    /// Metadata to save with the image.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
}

impl Destination {
    /// Saves a picture.
    pub(crate) fn save(
        &self,
        context: &InvocationContext,
        picture: impl Into<DynamicImage>,
    ) -> Result<ImageOutput, InvocationError> {
        self.save_as(ImageCategory::General, context, picture)
    }

    /// Saves a mask, which the gallery does not list among pictures.
    pub(crate) fn save_mask(
        &self,
        context: &InvocationContext,
        mask: impl Into<DynamicImage>,
    ) -> Result<ImageOutput, InvocationError> {
        self.save_as(ImageCategory::Mask, context, mask)
    }

    fn save_as(
        &self,
        category: ImageCategory,
        context: &InvocationContext,
        picture: impl Into<DynamicImage>,
    ) -> Result<ImageOutput, InvocationError> {
        let picture = picture.into();
        let (width, height) = (picture.width(), picture.height());
        let image_name =
            context.save_image_as(category, picture, self.board.as_ref(), self.metadata.as_ref())?;
        Ok(ImageOutput { image: ImageField { image_name }, width, height })
    }
}
