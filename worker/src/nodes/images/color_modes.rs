//! Pillow's colour modes of 8 bits a channel, and what becomes of pixels on the way there and back.
use image::{Rgb, RgbImage};

/// A mode that takes colours apart in another way than red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorMode {
    /// Red, green, blue.
    Rgb,
    /// Cyan, magenta, yellow, black; without black generation.
    Cmyk,
    /// Hue, saturation, value.
    Hsv,
    /// Brightness and two differences of colour (JPEG).
    YCbCr,
}

impl ColorMode {
    /// The channels of a colour; modes of three leave the fourth 0.
    pub(crate) fn take_apart(self, Rgb([red, green, blue]): Rgb<u8>) -> [u8; 4] {
        match self {
            Self::Rgb => [red, green, blue, 0],
            Self::Cmyk => [255 - red, 255 - green, 255 - blue, 0],
            Self::Hsv => {
                let [hue, saturation, value] = to_hsv(red, green, blue);
                [hue, saturation, value, 0]
            }
            Self::YCbCr => {
                let [red, green, blue] = [red, green, blue].map(i32::from);
                let sum = |factors: [f64; 3]| {
                    (part(factors[0], red) + part(factors[1], green) + part(factors[2], blue)) >> YCBCR_BITS
                };
                let luma = sum([0.299, 0.587, 0.114]);
                let blue_difference = sum([-0.168_736, -0.331_264, 0.5]) + 128;
                let red_difference = sum([0.5, -0.418_688, -0.081_312]) + 128;
                let [luma, blue, red] =
                    [luma, blue_difference, red_difference].map(|value| value.clamp(0, 255) as u8);
                [luma, blue, red, 0]
            }
        }
    }

    /// The colour of channels.
    pub(crate) fn put_together(self, channels: [u8; 4]) -> Rgb<u8> {
        let [first, second, third, fourth] = channels;
        match self {
            Self::Rgb => Rgb([first, second, third]),
            Self::Cmyk => {
                let light = 255 - fourth;
                Rgb([first, second, third].map(|ink| light - super::pillow::multiply(ink, light)))
            }
            Self::Hsv => from_hsv(first, second, third),
            Self::YCbCr => {
                let (luma, blue, red) = (i32::from(first), i32::from(second) - 128, i32::from(third) - 128);
                let values = [
                    luma + (part(1.402, red) >> YCBCR_BITS),
                    luma + ((part(-0.344_14, blue) + part(-0.714_14, red)) >> YCBCR_BITS),
                    luma + (part(1.772, blue) >> YCBCR_BITS),
                ];
                Rgb(values.map(|value| value.clamp(0, 255) as u8))
            }
        }
    }

    /// A picture with one channel changed, pixel by pixel.
    pub(crate) fn change_channel(
        self,
        picture: &RgbImage,
        channel: usize,
        change: impl Fn(u8) -> u8,
    ) -> RgbImage {
        RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
            let mut channels = self.take_apart(*picture.get_pixel(x, y));
            channels[channel] = change(channels[channel]);
            self.put_together(channels)
        })
    }
}

/// Bits after the point in Pillow's tables for YCbCr.
const YCBCR_BITS: i32 = 6;

fn part(factor: f64, value: i32) -> i32 {
    (factor * f64::from(value << YCBCR_BITS)).round() as i32
}

fn to_hsv(red: u8, green: u8, blue: u8) -> [u8; 3] {
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    if most == least {
        return [0, 0, most];
    }
    let range = f32::from(most - least);
    let distance = |value: u8| f32::from(most - value) / range;
    let hue = if red == most {
        distance(blue) - distance(green)
    } else if green == most {
        2.0 + distance(red) - distance(blue)
    } else {
        4.0 + distance(green) - distance(red)
    };
    let hue = (hue / 6.0 + 1.0) % 1.0;
    [(hue * 255.0) as u8, (range / f32::from(most) * 255.0) as u8, most]
}

fn from_hsv(hue: u8, saturation: u8, value: u8) -> Rgb<u8> {
    if saturation == 0 {
        return Rgb([value; 3]);
    }
    let (share, full) = (f32::from(saturation) / 255.0, f32::from(value));
    let hue = f32::from(hue) * 6.0 / 255.0;
    let fraction = hue - hue.floor();
    let scaled = |factor: f32| (full * factor).round().clamp(0.0, 255.0) as u8;
    let (low, falling, rising) =
        (scaled(1.0 - share), scaled(1.0 - share * fraction), scaled(1.0 - share * (1.0 - fraction)));
    Rgb(match hue as u8 % 6 {
        0 => [value, rising, low],
        1 => [falling, value, low],
        2 => [low, value, rising],
        3 => [low, falling, value],
        4 => [rising, low, value],
        _ => [value, low, falling],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_survive_a_round_trip_nearly() {
        for mode in [ColorMode::Rgb, ColorMode::Cmyk, ColorMode::Hsv, ColorMode::YCbCr] {
            for color in [[0, 0, 0], [255, 255, 255], [200, 30, 90], [10, 220, 130], [7, 7, 8]] {
                let back = mode.put_together(mode.take_apart(Rgb(color)));
                let far = back.0.iter().zip(color).map(|(a, b)| a.abs_diff(b)).max().unwrap();
                assert!(far <= 4, "{mode:?} {color:?} {back:?}");
            }
        }
    }
}
