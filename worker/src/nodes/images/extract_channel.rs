//! `img_chan`: one channel of an image.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::channel;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Gives one channel of an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ExtractChannel {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The channel.
    #[serde(default)]
    channel: Channel,
}

/// The channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum Channel {
    #[default]
    A,
    R,
    G,
    B,
}

impl Invocation for ExtractChannel {
    const TYPE: &'static str = "img_chan";
    const SCHEMA_NAME: &'static str = "ImageChannelInvocation";
    const TITLE: &'static str = "Extract Image Channel";
    const CATEGORY: &'static str = "image";
    const VERSION: &'static str = "1.2.2";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?;
        let color = image.color();
        let exists = if self.channel == Channel::A { color.has_alpha() } else { color.has_color() };
        if !exists {
            return Err(InvocationError::BadInput(format!("the image has no channel {:?}", self.channel)));
        }
        let index = match self.channel {
            Channel::R => 0,
            Channel::G => 1,
            Channel::B => 2,
            Channel::A => 3,
        };
        self.destination.save(context, channel(&image.to_rgba8(), index))
    }
}
