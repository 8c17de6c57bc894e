//! `color_map`: an image in coarse tiles.
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::opencv_resize;
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};

/// Makes an image coarse: tiles of one colour.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ColorMap {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The side of a tile in pixels.
    #[serde(default = "sixty_four")]
    #[schemars(range(min = 1))]
    tile_size: u32,
}

fn sixty_four() -> u32 {
    64
}

impl Invocation for ColorMap {
    const TYPE: &'static str = "color_map";
    const SCHEMA_NAME: &'static str = "ColorMapInvocation";
    const TITLE: &'static str = "Color Map";
    const CATEGORY: &'static str = "controlnet_preprocessors";
    const VERSION: &'static str = "1.0.0";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = context.load_image(&self.image.image_name)?.to_rgb8();
        let (width, height) = image.dimensions();
        let tiles = |side: u32| side / self.tile_size.min(side);
        let small = opencv_resize::cubic(&image, tiles(width), tiles(height));
        let map = opencv_resize::nearest(&small, width, height);
        self.destination.save(context, map)
    }
}
