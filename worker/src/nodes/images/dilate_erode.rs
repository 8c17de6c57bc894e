//! `invokeai_img_dilate_erode`: bright or dark parts, grown.
use image::{DynamicImage, GrayImage, RgbImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::colors::lab;
use super::pillow::{from_bytes, in_mode_of};
use crate::invocation::fields::{ImageField, MetadataField};
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Grows the bright or the dark parts of an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct DilateErode {
    /// Metadata to save with the image.
    #[serde(default)]
    #[schemars(extend("field_kind" = "internal", "input" = "connection", "ui_hidden" = false))]
    metadata: Option<MetadataField>,
    /// The image.
    image: ImageField,
    /// Whether only the lightness (CIELAB) changes.
    #[serde(default)]
    lightness_only: bool,
    /// How far to the sides, in pixels.
    #[serde(default = "four")]
    #[schemars(range(min = 0))]
    radius_w: u32,
    /// How far up and down, in pixels.
    #[serde(default = "four")]
    #[schemars(range(min = 0))]
    radius_h: u32,
    /// What grows.
    #[serde(default)]
    mode: Growth,
}

/// What grows: the bright, or the dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum Growth {
    #[default]
    Dilate,
    Erode,
}

/// A larger radius than pictures are.
const LARGEST: u32 = 1024;

fn four() -> u32 {
    4
}

/// Every value becomes the greatest, or the least, in an ellipse around it (OpenCV's `MORPH_ELLIPSE`).
fn in_ellipse(image: &DynamicImage, across: u32, down: u32, take: fn(u8, u8) -> u8) -> Vec<u8> {
    let channels = usize::from(image.color().channel_count());
    let (width, height) = (i64::from(image.width()), i64::from(image.height()));
    let bytes = image.as_bytes();
    let (across, down) = (i64::from(across), i64::from(down));
    let rows: Vec<(i64, i64)> = (-down..=down)
        .map(|row| {
            let share = if down == 0 {
                1.0
            } else {
                ((down * down - row * row) as f64 / (down * down) as f64).sqrt()
            };
            (row, (across as f64 * share).round_ties_even() as i64)
        })
        .collect();
    let mut result = Vec::with_capacity(bytes.len());
    for y in 0..height {
        for x in 0..width {
            for channel in 0..channels {
                let value = |x: i64, y: i64| bytes[(y * width + x) as usize * channels + channel];
                let mut best = value(x, y);
                for (row, reach) in rows.iter().filter(|(row, _)| (0..height).contains(&(y + row))) {
                    for at in (x - reach).max(0)..=(x + reach).min(width - 1) {
                        best = take(best, value(at, y + row));
                    }
                }
                result.push(best);
            }
        }
    }
    result
}

impl Invocation for DilateErode {
    const TYPE: &'static str = "invokeai_img_dilate_erode";
    const SCHEMA_NAME: &'static str = "InvokeImageDilateOrErodeInvocation";
    const TITLE: &'static str = "Image Dilate or Erode";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.3.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let take = match self.mode {
            Growth::Dilate => u8::max,
            Growth::Erode => u8::min,
        };
        let (across, down) = (self.radius_w.min(LARGEST), self.radius_h.min(LARGEST));
        let grown = if self.lightness_only {
            let mut labs: Vec<[u8; 3]> =
                image.to_rgb8().pixels().map(|pixel| lab::from_rgb(*pixel)).collect();
            let lightness = labs.iter().map(|lab| lab[0]).collect();
            let lightness =
                GrayImage::from_raw(image.width(), image.height(), lightness).map(DynamicImage::from);
            let grown = in_ellipse(&lightness.unwrap_or_default(), across, down, take);
            labs.iter_mut().zip(grown).for_each(|(lab, grown)| lab[0] = grown);
            let colors = labs.into_iter().flat_map(|lab| lab::to_rgb(lab, lab::Table::Usual).0).collect();
            RgbImage::from_raw(image.width(), image.height(), colors).map(|colors| in_mode_of(&image, colors))
        } else {
            from_bytes(&image, in_ellipse(&image, across, down, take))
        };
        let grown = grown.ok_or_else(|| InvocationError::BadInput("image has wrong mode".to_owned()))?;
        let image_name = context.save_image(grown, None, self.metadata.as_ref())?;
        Ok(ImageOutput { image: ImageField { image_name }, width: image.width(), height: image.height() })
    }
}
