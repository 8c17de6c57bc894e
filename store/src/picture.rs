//! Encoding of an image as it is stored: a PNG with its metadata inside, and a WebP thumbnail.
use bytes::Bytes;
use image::{DynamicImage, GenericImageView, imageops::FilterType};
use png::{BitDepth, ColorType, Compression};
use std::io::Cursor;

/// The longer side of a thumbnail, in pixels.
pub const THUMBNAIL_SIZE: u32 = 256;
/// Pillow's default WebP quality, which upstream's thumbnails have.
const THUMBNAIL_QUALITY: f32 = 80.0;

/// JSON texts that travel inside the PNG, so that a downloaded file can be recalled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Embedded {
    /// Generation metadata.
    pub metadata: Option<String>,
    /// The editor's workflow.
    pub workflow: Option<String>,
    /// The graph.
    pub graph: Option<String>,
}

/// An image as it is stored.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The full image, PNG.
    pub png: Bytes,
    /// At most [`THUMBNAIL_SIZE`] on a side, WebP.
    pub thumbnail: Bytes,
}

const METADATA: &str = "invokeai_metadata";
const WORKFLOW: &str = "invokeai_workflow";
const GRAPH: &str = "invokeai_graph";

/// Encodes an image; blocking, tens of milliseconds for a large one.
pub fn encode(image: &DynamicImage, embedded: &Embedded) -> Result<Encoded, png::EncodingError> {
    Ok(Encoded { png: encode_png(image, embedded)?, thumbnail: encode_webp(&thumbnail(image)) })
}

/// A reduced copy that fits the thumbnail size; smaller images keep theirs.
pub fn thumbnail(image: &DynamicImage) -> DynamicImage {
    let (width, height) = image.dimensions();
    if width <= THUMBNAIL_SIZE && height <= THUMBNAIL_SIZE {
        return image.clone();
    }
    image.resize(THUMBNAIL_SIZE, THUMBNAIL_SIZE, FilterType::CatmullRom)
}

/// A lossy WebP.
pub fn encode_webp(image: &DynamicImage) -> Bytes {
    let (width, height) = image.dimensions();
    let encoded = if image.color().has_alpha() {
        webp::Encoder::from_rgba(&image.to_rgba8(), width, height).encode(THUMBNAIL_QUALITY)
    } else {
        webp::Encoder::from_rgb(&image.to_rgb8(), width, height).encode(THUMBNAIL_QUALITY)
    };
    Bytes::copy_from_slice(&encoded)
}

fn encode_png(image: &DynamicImage, embedded: &Embedded) -> Result<Bytes, png::EncodingError> {
    let (color, depth, data): (_, _, std::borrow::Cow<'_, [u8]>) = match image {
        DynamicImage::ImageLuma8(pixels) => (ColorType::Grayscale, BitDepth::Eight, pixels.as_raw().into()),
        DynamicImage::ImageLumaA8(pixels) => {
            (ColorType::GrayscaleAlpha, BitDepth::Eight, pixels.as_raw().into())
        }
        DynamicImage::ImageRgb8(pixels) => (ColorType::Rgb, BitDepth::Eight, pixels.as_raw().into()),
        DynamicImage::ImageRgba8(pixels) => (ColorType::Rgba, BitDepth::Eight, pixels.as_raw().into()),
        DynamicImage::ImageLuma16(pixels) => {
            let data: Vec<u8> = pixels.as_raw().iter().flat_map(|value| value.to_be_bytes()).collect();
            (ColorType::Grayscale, BitDepth::Sixteen, data.into())
        }
        other if other.color().has_alpha() => {
            (ColorType::Rgba, BitDepth::Eight, other.to_rgba8().into_raw().into())
        }
        other => (ColorType::Rgb, BitDepth::Eight, other.to_rgb8().into_raw().into()),
    };
    let (width, height) = image.dimensions();
    let mut output = Vec::new();
    let mut encoder = png::Encoder::new(Cursor::new(&mut output), width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_compression(Compression::Fast);
    for (key, text) in
        [(METADATA, &embedded.metadata), (WORKFLOW, &embedded.workflow), (GRAPH, &embedded.graph)]
    {
        let Some(text) = text else { continue };
        // Latin-1 is all that the plain chunk holds.
        if text.chars().all(|character| u32::from(character) < 256) {
            encoder.add_text_chunk(key.to_owned(), text.clone())?;
        } else {
            encoder.add_itxt_chunk(key.to_owned(), text.clone())?;
        }
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(output.into())
}

/// The texts inside a PNG; empty for other formats and for PNGs without them.
pub fn embedded(file: &[u8]) -> Embedded {
    let mut found = Embedded::default();
    let Ok(mut reader) = png::Decoder::new(Cursor::new(file)).read_info() else { return found };
    // Texts may follow the pixels; a damaged tail only loses them.
    let _ = reader.finish();
    let info = reader.info();
    let plain = info.uncompressed_latin1_text.iter().map(|chunk| (&chunk.keyword, Some(chunk.text.clone())));
    let compressed = info.compressed_latin1_text.iter().map(|chunk| (&chunk.keyword, chunk.get_text().ok()));
    let unicode = info.utf8_text.iter().map(|chunk| (&chunk.keyword, chunk.get_text().ok()));
    for (keyword, text) in plain.chain(compressed).chain(unicode) {
        match keyword.as_str() {
            METADATA => found.metadata = text,
            WORKFLOW => found.workflow = text,
            GRAPH => found.graph = text,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_pixels_survive_a_round_trip() {
        let image = DynamicImage::new_rgb8(300, 10);
        let texts = Embedded {
            metadata: Some(r#"{"positive_prompt":"été"}"#.to_owned()),
            workflow: Some(r#"{"name":"日本"}"#.to_owned()),
            graph: None,
        };
        let encoded = encode(&image, &texts).unwrap();
        assert_eq!(embedded(&encoded.png), texts);
        assert_eq!(image::load_from_memory(&encoded.png).unwrap(), image);
        let small = image::load_from_memory(&encoded.thumbnail).unwrap();
        assert_eq!((small.width(), small.height()), (256, 9));
    }
}
