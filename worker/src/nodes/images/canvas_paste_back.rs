//! `canvas_paste_back`: one image on another, through a mask.
use image::GrayImage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::blur::gaussian_blur;
use super::destination::Destination;
use super::morphology::erode;
use super::pillow::{invert, luma, pasted};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Puts one image onto another where a mask is black.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CanvasPasteBack {
    #[serde(flatten)]
    destination: Destination,
    /// The image below.
    source_image: ImageField,
    /// The image on top.
    target_image: ImageField,
    /// The mask.
    mask: ImageField,
    /// How soft the mask's edge is, in pixels.
    #[serde(default)]
    #[schemars(range(min = 0))]
    mask_blur: u32,
}

/// The mask with its dark part grown, blurred, and turned round.
pub(super) fn softened(mask: &GrayImage, blur: u32) -> GrayImage {
    if blur == 0 {
        return invert(mask.clone());
    }
    let mut eroded = mask.clone();
    for _ in 0..3 {
        eroded = erode(&eroded, blur);
    }
    invert(gaussian_blur(&eroded, f64::from(blur)))
}

impl Invocation for CanvasPasteBack {
    const TYPE: &'static str = "canvas_paste_back";
    const SCHEMA_NAME: &'static str = "CanvasPasteBackInvocation";
    const TITLE: &'static str = "Canvas Paste Back";
    const CATEGORY: &'static str = "canvas";
    const VERSION: &'static str = "1.0.1";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let source = context.load_image(&self.source_image.image_name)?;
        let target = context.load_image(&self.target_image.image_name)?;
        let mask = softened(&luma(&context.load_image(&self.mask.image_name)?), self.mask_blur);
        self.destination.save(context, pasted(&source, &target, &mask)?)
    }
}
