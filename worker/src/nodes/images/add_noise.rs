//! `img_noise`: noise on an image.
use image::{DynamicImage, RgbImage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::destination::Destination;
use super::pillow::{channel, invert, luma, paste, put_alpha, size};
use super::resample::{ResampleMode, resize, resize_gray};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::random::RandomState;

/// Adds noise to an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct AddNoise {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// Where there is noise (black).
    #[serde(default)]
    mask: Option<ImageField>,
    /// The seed of the noise.
    #[serde(default)]
    #[schemars(range(min = 0, max = 4_294_967_295_u32))]
    seed: u32,
    /// The kind of noise.
    #[serde(default)]
    noise_type: NoiseType,
    /// How much noise.
    #[serde(default = "tenth")]
    #[schemars(range(min = 0, max = 1))]
    amount: f64,
    /// Whether the noise is coloured.
    #[serde(default = "yes")]
    noise_color: bool,
    /// The side of a point of noise in pixels.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    size: u32,
}

/// Any value by a bell curve, or black and full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum NoiseType {
    #[default]
    Gaussian,
    SaltAndPepper,
}

fn tenth() -> f64 {
    0.1
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

impl AddNoise {
    /// Noise of a size; the numbers are NumPy's.
    fn noise(&self, width: u32, height: u32) -> Result<RgbImage, InvocationError> {
        let (width, height) = size(i64::from(width / self.size), i64::from(height / self.size))?;
        let mut random = RandomState::new(u64::from(self.seed));
        let mut value = || match self.noise_type {
            // As C converts: cut off, and only the lowest byte.
            NoiseType::Gaussian => (random.normal() * 255.0) as i32 as u8,
            NoiseType::SaltAndPepper => {
                let rest = 1.0 - self.amount;
                if random.uniform() >= rest / (rest + self.amount) { 255 } else { 0 }
            }
        };
        let values = (width * height) as usize * 3;
        let noise = if self.noise_color {
            (0..values).map(|_| value()).collect()
        } else {
            (0..values / 3).flat_map(|_| [value(); 3]).collect()
        };
        RgbImage::from_raw(width, height, noise)
            .ok_or_else(|| InvocationError::Internal("the noise has another size".to_owned()))
    }
}

impl Invocation for AddNoise {
    const TYPE: &'static str = "img_noise";
    const SCHEMA_NAME: &'static str = "ImageNoiseInvocation";
    const TITLE: &'static str = "Add Image Noise";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.1.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?.to_rgba8();
        let (width, height) = image.dimensions();
        let noise = DynamicImage::ImageRgb8(self.noise(width, height)?);
        let noise = resize(&noise, width, height, ResampleMode::Nearest).to_rgba8();
        let share = self.amount as f32;
        let mut noisy = image.clone();
        for (value, noise) in noisy.iter_mut().zip(noise.iter()) {
            *value = (f32::from(*value) + share * (f32::from(*noise) - f32::from(*value))) as u8;
        }
        let alpha = channel(&image, 3);
        let mut result = noisy;
        if let Some(mask) = &self.mask {
            let mask = luma(&context.load_image(&mask.image_name)?);
            let mask = invert(resize_gray(&mask, width, height, ResampleMode::Lanczos));
            let opaque = |mut picture: image::RgbaImage| {
                picture.pixels_mut().for_each(|pixel| pixel.0[3] = 255);
                picture
            };
            let noisy = opaque(result);
            result = image;
            paste(&mut result, &noisy, (0, 0), Some(&mask));
        }
        put_alpha(&mut result, &alpha)?;
        self.destination.save(context, result)
    }
}
