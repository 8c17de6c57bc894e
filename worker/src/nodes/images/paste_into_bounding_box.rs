//! `paste_image_into_bounding_box`: one image on a part of another.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{channel, paste, same_size, size};
use crate::invocation::fields::{BoundingBoxField, ImageField};
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Puts an image onto another one; it must be as large as the rectangle.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct PasteIntoBoundingBox {
    #[serde(flatten)]
    destination: Destination,
    /// The image on top.
    source_image: ImageField,
    /// The image below.
    target_image: ImageField,
    /// The rectangle.
    bounding_box: BoundingBoxField,
}

impl Invocation for PasteIntoBoundingBox {
    const TYPE: &'static str = "paste_image_into_bounding_box";
    const SCHEMA_NAME: &'static str = "PasteImageIntoBoundingBoxInvocation";
    const TITLE: &'static str = "Paste Image into Bounding Box";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let source = context.load_image(&self.source_image.image_name)?.to_rgba8();
        let mut result = context.load_image(&self.target_image.image_name)?.to_rgba8();
        let inside = &self.bounding_box;
        let side =
            size(inside.x_max.saturating_sub(inside.x_min), inside.y_max.saturating_sub(inside.y_min))?;
        same_size(source.dimensions(), side)?;
        paste(&mut result, &source, (inside.x_min, inside.y_min), Some(&channel(&source, 3)));
        self.destination.save(context, result)
    }
}
