//! `invokeai_img_val_thresholds`: what is bright white, what is dark black.
use image::{DynamicImage, RgbImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::colors::{byte, lab};
use super::destination::Destination;
use super::pillow::{in_mode_of, map_values, size};
use super::resample::{ResampleMode, resize};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes values black below a threshold and white above one.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ValueThresholds {
    #[serde(flatten)]
    destination: Destination,
    /// The image. Its sides are cut to multiples of eight, as upstream does it.
    image: ImageField,
    /// Whether bright becomes black.
    #[serde(default)]
    invert_output: bool,
    /// Whether the values in between are spread over the whole range.
    #[serde(default)]
    renormalize_values: bool,
    /// Whether only the lightness changes.
    #[serde(default)]
    lightness_only: bool,
    /// From here on values are white.
    #[serde(default = "half")]
    threshold_upper: f64,
    /// Below values are black.
    #[serde(default = "half")]
    threshold_lower: f64,
}

fn half() -> f64 {
    0.5
}

/// Sides of upstream's grid.
const GRID: u32 = 8;

impl ValueThresholds {
    fn changed(&self, value: u8) -> u8 {
        let (upper, lower) = (self.threshold_upper as f32, self.threshold_lower as f32);
        let value = f32::from(value) / 255.0;
        let (is_high, is_low) = (value >= upper, value < lower);
        let (is_white, is_black) = if self.invert_output { (is_low, is_high) } else { (is_high, is_low) };
        if is_black {
            0
        } else if is_white {
            255
        } else if self.renormalize_values && lower < upper {
            let share = (value - lower) / (upper - lower);
            byte(if self.invert_output { 1.0 - share } else { share })
        } else {
            byte(value)
        }
    }
}

impl Invocation for ValueThresholds {
    const TYPE: &'static str = "invokeai_img_val_thresholds";
    const SCHEMA_NAME: &'static str = "InvokeImageValueThresholdsInvocation";
    const TITLE: &'static str = "Image Value Thresholds";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let cut = |side: u32| i64::from(side - side % GRID);
        let (width, height) = size(cut(image.width()), cut(image.height()))?;
        if !self.lightness_only {
            let image = resize(&image, width, height, ResampleMode::Lanczos);
            return self.destination.save(context, map_values(&image, |value| self.changed(value)));
        }
        if (width, height) != (image.width(), image.height()) {
            return Err(InvocationError::BadInput(format!(
                "size mismatch: sides must be multiples of {GRID}"
            )));
        }
        let colors: RgbImage = image.to_rgb8();
        let result = lab::change_channel(&colors, 0, |lightness| self.changed(lightness));
        let result: DynamicImage = in_mode_of(&image, result);
        self.destination.save(context, result)
    }
}
