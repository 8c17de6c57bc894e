//! `crop_image_to_bounding_box`: a part of an image.
use image::{DynamicImage, ImageBuffer, Pixel};
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{paste, size};
use crate::invocation::fields::{BoundingBoxField, ImageField};
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Cuts a rectangle out of an image, or what is not transparent (not black, without opacity).
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CropToBoundingBox {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The rectangle.
    #[serde(default)]
    bounding_box: Option<BoundingBoxField>,
}

/// The rectangle around what is not empty, or all of an empty image.
fn filled_part(image: &DynamicImage) -> (i64, i64, i64, i64) {
    let channels = usize::from(image.color().channel_count());
    let is_filled = |pixel: &[u8]| match (image.color().has_alpha(), pixel.split_last()) {
        (true, Some((alpha, _))) => *alpha > 0,
        _ => pixel.iter().any(|value| *value > 0),
    };
    let width = image.width().max(1) as usize;
    let filled = image.as_bytes().chunks_exact(channels).enumerate().filter(|(_, pixel)| is_filled(pixel));
    let around = filled.fold(None, |around, (index, _)| {
        let (x, y) = ((index % width) as i64, (index / width) as i64);
        let (left, top, right, bottom) = around.unwrap_or((x, y, x + 1, y + 1));
        Some((left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)))
    });
    around.unwrap_or((0, 0, i64::from(image.width()), i64::from(image.height())))
}

fn part<P: Pixel<Subpixel = u8>>(
    image: &ImageBuffer<P, Vec<u8>>,
    (left, top): (i64, i64),
    (width, height): (u32, u32),
) -> ImageBuffer<P, Vec<u8>> {
    let mut canvas = ImageBuffer::new(width, height);
    paste(&mut canvas, image, (-left, -top), None);
    canvas
}

impl Invocation for CropToBoundingBox {
    const TYPE: &'static str = "crop_image_to_bounding_box";
    const SCHEMA_NAME: &'static str = "CropImageToBoundingBoxInvocation";
    const TITLE: &'static str = "Crop Image to Bounding Box";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let (left, top, right, bottom) = match &self.bounding_box {
            Some(inside) => (inside.x_min, inside.y_min, inside.x_max, inside.y_max),
            None => filled_part(&image),
        };
        let (start, side) = ((left, top), size(right.saturating_sub(left), bottom.saturating_sub(top))?);
        let cropped: DynamicImage = match &image {
            DynamicImage::ImageLuma8(image) => part(image, start, side).into(),
            DynamicImage::ImageLumaA8(image) => part(image, start, side).into(),
            image if image.color().has_alpha() => part(&image.to_rgba8(), start, side).into(),
            image => part(&image.to_rgb8(), start, side).into(),
        };
        self.destination.save(context, cropped)
    }
}
