//! `canny_edge_detection`: the edges of an image.
use image::{DynamicImage, RgbImage};
use schemars::JsonSchema;
use serde::Deserialize;

use super::canny::edges;
use super::destination::Destination;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Finds the edges of an image.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CannyEdges {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// How steep an edge must be that is connected with a steep one.
    #[serde(default = "hundred")]
    #[schemars(range(min = 0, max = 255))]
    low_threshold: i64,
    /// How steep an edge must be.
    #[serde(default = "two_hundred")]
    #[schemars(range(min = 0, max = 255))]
    high_threshold: i64,
}

fn hundred() -> i64 {
    100
}

fn two_hundred() -> i64 {
    200
}

impl Invocation for CannyEdges {
    const TYPE: &'static str = "canny_edge_detection";
    const SCHEMA_NAME: &'static str = "CannyEdgeDetectionInvocation";
    const TITLE: &'static str = "Canny Edge Detection";
    const CATEGORY: &'static str = "controlnet_preprocessors";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image: RgbImage = context.load_image(&self.image.image_name)?.to_rgb8();
        // OpenCV has blue first; of equal channels the first one counts.
        let value = |x, y, channel: usize| image.get_pixel(x, y).0[2 - channel];
        let edges = edges(image.dimensions(), 3, value, (self.low_threshold, self.high_threshold));
        self.destination.save(context, DynamicImage::ImageLuma8(edges).to_rgb8())
    }
}
