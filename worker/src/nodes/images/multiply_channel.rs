//! `img_channel_multiply`: one channel, scaled.
use schemars::JsonSchema;
use serde::Deserialize;

use super::color_channel::ColorChannel;
use super::destination::Destination;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Multiplies one channel of an image by a number.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MultiplyChannel {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The channel.
    channel: ColorChannel,
    /// The number.
    #[serde(default = "one")]
    #[schemars(range(min = 0))]
    scale: f64,
    /// Whether the channel is turned round afterwards.
    #[serde(default)]
    invert_channel: bool,
}

fn one() -> f64 {
    1.0
}

impl Invocation for MultiplyChannel {
    const TYPE: &'static str = "img_channel_multiply";
    const SCHEMA_NAME: &'static str = "ImageChannelMultiplyInvocation";
    const TITLE: &'static str = "Multiply Image Channel";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.3";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let scaled = |value: u8| {
            let value = (f64::from(value) * self.scale).clamp(0.0, 255.0);
            (if self.invert_channel { 255.0 - value } else { value }) as u8
        };
        self.destination.save(context, self.channel.change(&image, scaled))
    }
}
