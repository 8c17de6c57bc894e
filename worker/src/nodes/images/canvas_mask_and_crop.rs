//! `canvas_v2_mask_and_crop`: a generated image, masked.
use schemars::JsonSchema;
use serde::Deserialize;

use super::canvas_paste_back::softened;
use super::destination::Destination;
use super::pillow::{luma, pasted, put_alpha};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Puts a generated image onto its source where a mask is black, or makes the rest transparent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CanvasMaskAndCrop {
    #[serde(flatten)]
    destination: Destination,
    /// The image below; without, the rest is transparent.
    #[serde(default)]
    source_image: Option<ImageField>,
    /// The image on top.
    generated_image: ImageField,
    /// The mask.
    mask: ImageField,
    /// How soft the mask's edge is, in pixels.
    #[serde(default)]
    #[schemars(range(min = 0))]
    mask_blur: u32,
}

impl Invocation for CanvasMaskAndCrop {
    const TYPE: &'static str = "canvas_v2_mask_and_crop";
    const SCHEMA_NAME: &'static str = "CanvasV2MaskAndCropInvocation";
    const TITLE: &'static str = "Canvas V2 Mask and Crop";
    const CATEGORY: &'static str = "canvas";
    const VERSION: &'static str = "1.0.0";
    const CLASSIFICATION: &'static str = "deprecated";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let mask = softened(&luma(&context.load_image(&self.mask.image_name)?), self.mask_blur);
        let generated = context.load_image(&self.generated_image.image_name)?;
        let Some(source) = &self.source_image else {
            let mut generated = generated.to_rgba8();
            put_alpha(&mut generated, &mask)?;
            return self.destination.save(context, generated);
        };
        let source = context.load_image(&source.image_name)?;
        self.destination.save(context, pasted(&source, &generated, &mask)?)
    }
}
