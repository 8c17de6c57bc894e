//! `img_channel_offset`: one channel, moved.
use schemars::JsonSchema;
use serde::Deserialize;

use super::color_channel::ColorChannel;
use super::destination::Destination;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Adds a number to one channel of an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct OffsetChannel {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The channel.
    channel: ColorChannel,
    /// The number.
    #[serde(default)]
    #[schemars(range(min = -255, max = 255))]
    offset: i32,
}

impl Invocation for OffsetChannel {
    const TYPE: &'static str = "img_channel_offset";
    const SCHEMA_NAME: &'static str = "ImageChannelOffsetInvocation";
    const TITLE: &'static str = "Offset Image Channel";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.3";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let moved = |value: u8| {
            let value = i32::from(value) + self.offset;
            // Hues go round in a circle.
            let value =
                if self.channel == ColorChannel::Hue { value.rem_euclid(256) } else { value.clamp(0, 255) };
            value as u8
        };
        self.destination.save(context, self.channel.change(&image, moved))
    }
}
