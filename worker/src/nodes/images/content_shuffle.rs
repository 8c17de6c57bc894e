//! `content_shuffle`: an image whose parts flow into each other.
use image::{Rgb, RgbImage};
use ndarray::{Array4, s};
use rand::Rng;
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::nodes::diffusion::interpolate::{Method, resize};

/// Moves the pixels of an image by smooth noise, another one each time.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ContentShuffle {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// How coarse the noise is, in pixels.
    #[serde(default = "coarse")]
    #[schemars(range(min = 0))]
    scale_factor: usize,
}

fn coarse() -> usize {
    256
}

/// A coarser noise than pictures are large.
const COARSEST: usize = 8192;

/// Smooth noise of 0…1: `[height, width]`.
fn smooth_noise(height: usize, width: usize, scale: usize) -> ndarray::Array2<f32> {
    let mut random = rand::rng();
    let coarse = (1, 1, height / scale + 2, width / scale + 2);
    let coarse = Array4::from_shape_simple_fn(coarse, || random.random::<f32>());
    let (rows, columns) = (height + 2 * scale, width + 2 * scale);
    let fine = resize(&coarse, rows, columns, Method::Bicubic { antialias: false });
    let part = fine.slice(s![0, 0, scale..scale + height, scale..scale + width]).to_owned();
    let least = part.iter().copied().fold(f32::INFINITY, f32::min);
    let most = part.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (part - least) / (most - least).max(f32::MIN_POSITIVE)
}

/// The colour between four pixels; beyond the edges is black.
fn between(image: &RgbImage, x: f32, y: f32) -> Rgb<u8> {
    let (left, top) = (x.floor(), y.floor());
    Rgb([0, 1, 2].map(|channel: usize| {
        let at = |right: f32, down: f32| {
            let pixel = image.get_pixel_checked((left + right) as u32, (top + down) as u32);
            pixel.map_or(0.0, |pixel| f32::from(pixel.0[channel]))
        };
        let (across, along) = (x - left, y - top);
        let row = |down: f32| at(0.0, down) * (1.0 - across) + at(1.0, down) * across;
        (row(0.0) * (1.0 - along) + row(1.0) * along).round() as u8
    }))
}

impl Invocation for ContentShuffle {
    const TYPE: &'static str = "content_shuffle";
    const SCHEMA_NAME: &'static str = "ContentShuffleInvocation";
    const TITLE: &'static str = "Content Shuffle";
    const CATEGORY: &'static str = "controlnet_preprocessors";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        if !(1..=COARSEST).contains(&self.scale_factor) {
            return Err(InvocationError::BadInput(format!("the scale factor must be 1 to {COARSEST}")));
        }
        let image = context.load_image(&self.image.image_name)?.to_rgb8();
        let (width, height) = (image.width() as usize, image.height() as usize);
        let across = smooth_noise(height, width, self.scale_factor) * (width - 1) as f32;
        let along = smooth_noise(height, width, self.scale_factor) * (height - 1) as f32;
        let shuffled = RgbImage::from_fn(image.width(), image.height(), |x, y| {
            let place = [y as usize, x as usize];
            between(&image, across[place], along[place])
        });
        self.destination.save(context, shuffled)
    }
}
