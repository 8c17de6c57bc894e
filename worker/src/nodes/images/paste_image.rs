//! `img_paste`: one image on another.
use image::RgbaImage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{alpha_composite, invert, luma, paste, same_size, size};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Puts one image onto another.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct PasteImage {
    #[serde(flatten)]
    destination: Destination,
    /// The image below.
    base_image: ImageField,
    /// The image on top.
    image: ImageField,
    /// Where the upper image does not show (white).
    #[serde(default)]
    mask: Option<ImageField>,
    /// Left edge of the upper image.
    #[serde(default)]
    x: i64,
    /// Upper edge of the upper image.
    #[serde(default)]
    y: i64,
    /// Whether the result keeps the size of the image below.
    #[serde(default)]
    crop: bool,
}

impl Invocation for PasteImage {
    const TYPE: &'static str = "img_paste";
    const SCHEMA_NAME: &'static str = "ImagePasteInvocation";
    const TITLE: &'static str = "Paste Image";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let base = context.load_image(&self.base_image.image_name)?.to_rgba8();
        let top = context.load_image(&self.image.image_name)?.to_rgba8();
        let mask = match &self.mask {
            Some(mask) => Some(invert(luma(&context.load_image(&mask.image_name)?))),
            None => None,
        };
        if let Some(mask) = &mask {
            same_size(mask.dimensions(), top.dimensions())?;
        }
        // The canvas that holds both, and where the base lies on it.
        let (left, upper) = (self.x.min(0), self.y.min(0));
        let right = i64::from(base.width()).max(i64::from(top.width()) + self.x);
        let lower = i64::from(base.height()).max(i64::from(top.height()) + self.y);
        let (width, height) = size(right - left, lower - upper)?;
        let mut canvas = RgbaImage::new(width, height);
        paste(&mut canvas, &base, (-left, -upper), None);
        let mut layer = RgbaImage::new(width, height);
        paste(&mut layer, &top, (self.x.max(0), self.y.max(0)), mask.as_ref());
        let mut result = alpha_composite(&canvas, &layer);
        if self.crop {
            let mut cropped = RgbaImage::new(base.width(), base.height());
            paste(&mut cropped, &result, (left, upper), None);
            result = cropped;
        }
        self.destination.save(context, result)
    }
}
