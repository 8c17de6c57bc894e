//! `infill_tile`: transparent pixels filled with pieces of the image.
use image::{DynamicImage, RgbImage, RgbaImage, imageops};
use schemars::JsonSchema;
use serde::Deserialize;

use super::destination::Destination;
use super::pillow::{channel, paste};
use crate::invocation::fields::ImageField;
use crate::invocation::outputs::ImageOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::random::Pcg64;

/// Fills transparent pixels with opaque tiles of the image, chosen at random.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct InfillTile {
    #[serde(flatten)]
    destination: Destination,
    /// The image.
    image: ImageField,
    /// The side of a tile in pixels.
    #[serde(default = "thirty_two")]
    #[schemars(range(min = 1))]
    tile_size: u32,
    /// The seed of the choice.
    #[serde(default)]
    #[schemars(range(min = 0, max = 4_294_967_295_u32))]
    seed: u32,
}

fn thirty_two() -> u32 {
    32
}

/// Where the tiles are of which every pixel is opaque.
fn opaque_tiles(image: &RgbaImage, side: u32) -> Vec<(u32, u32)> {
    let starts = |length: u32| (0..length).step_by(side as usize).filter(move |at| at + side <= length);
    let is_opaque = |(left, top): &(u32, u32)| {
        let mut places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        places.all(|(x, y)| image.get_pixel(left + x, top + y).0[3] == 255)
    };
    starts(image.height())
        .flat_map(|y| starts(image.width()).map(move |x| (x, y)))
        .filter(is_opaque)
        .collect()
}

impl Invocation for InfillTile {
    const TYPE: &'static str = "infill_tile";
    const SCHEMA_NAME: &'static str = "InfillTileInvocation";
    const TITLE: &'static str = "Tile Infill";
    const CATEGORY: &'static str = "inpaint";
    const VERSION: &'static str = "1.2.3";
    type Output = ImageOutput;

    fn invoke(self, context: &InvocationContext) -> Result<ImageOutput, InvocationError> {
        let image = match context.load_image(&self.image.image_name)? {
            DynamicImage::ImageRgba8(image) => image,
            opaque => {
                return Ok(ImageOutput { image: self.image, width: opaque.width(), height: opaque.height() });
            }
        };
        let side = self.tile_size;
        let pool = opaque_tiles(&image, side);
        if pool.is_empty() {
            return Err(InvocationError::BadInput(
                "Not enough opaque pixels to generate any tiles. Use a smaller tile size or a different image."
                    .to_owned(),
            ));
        }
        let colors = DynamicImage::ImageRgba8(image.clone()).to_rgb8();
        let mut random = Pcg64::new(u64::from(self.seed));
        let mut filled = RgbImage::new(image.width(), image.height());
        for y in (0..image.height()).step_by(side as usize) {
            for x in (0..image.width()).step_by(side as usize) {
                let chosen = random.integers(0, pool.len() as i64, 1)[0];
                let (left, top) = pool[chosen as usize];
                let tile = imageops::crop_imm(&colors, left, top, side, side).to_image();
                paste(&mut filled, &tile, (i64::from(x), i64::from(y)), None);
            }
        }
        paste(&mut filled, &colors, (0, 0), Some(&channel(&image, 3)));
        self.destination.save(context, filled)
    }
}
