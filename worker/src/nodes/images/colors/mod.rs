//! Colour spaces: three numbers a pixel.
//!
//! - [`srgb`]: gamma-corrected and linear sRGB, and HSL
//! - [`oklab`]: Ottosson's perceptual space, [`gamut`]: where sRGB ends in it, [`okhsl`], [`okhsv`]: its hues
//! - [`lab`]: CIELAB in 8 bits, as Pillow has it
pub(crate) mod gamut;
pub(crate) mod lab;
pub(crate) mod okhsl;
pub(crate) mod okhsv;
pub(crate) mod oklab;
pub(crate) mod srgb;

/// Three numbers of a colour space.
pub(crate) type Color = [f32; 3];

/// A colour of 8 bits a channel as numbers of 0…1.
pub(crate) fn unit(color: [u8; 3]) -> Color {
    color.map(|value| f32::from(value) / 255.0)
}

/// A number of 0…1 as 8 bits, cut off and not rounded, as torchvision does it; numbers beyond wrap around.
pub(crate) fn byte(value: f32) -> u8 {
    let value = value * 255.0;
    // What does not fit into 32 bits becomes the least such number, whose lowest byte is 0.
    if value.abs() < 2_147_483_648.0 { value as i32 as u8 } else { 0 }
}

/// The remainder that has the sign of the divisor.
pub(crate) fn remainder(value: f32, divisor: f32) -> f32 {
    let rest = value % divisor;
    if rest != 0.0 && (rest < 0.0) != (divisor < 0.0) { rest + divisor } else { rest }
}

/// The greatest; not a number if one is none.
pub(crate) fn greatest(color: Color) -> f32 {
    color
        .into_iter()
        .fold(f32::NEG_INFINITY, |best, value| if best.is_nan() || best > value { best } else { value })
}

/// The least; not a number if one is none.
pub(crate) fn least(color: Color) -> f32 {
    color
        .into_iter()
        .fold(f32::INFINITY, |best, value| if best.is_nan() || best < value { best } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_lead_back_to_the_same_colour() {
        for color in [[200, 30, 90], [12, 200, 44], [1, 2, 3], [250, 250, 249], [0, 0, 255], [90, 90, 90]] {
            let start = unit(color);
            let linear = srgb::to_linear(start);
            let there_and_back: [(&str, Color); 5] = [
                ("hsl", srgb::from_hsl(srgb::to_hsl(start))),
                ("oklab", srgb::from_linear(oklab::to_linear(oklab::from_linear(linear)))),
                (
                    "oklch",
                    srgb::from_linear(oklab::to_linear(oklab::from_polar(oklab::to_polar(
                        oklab::from_linear(linear),
                    )))),
                ),
                ("okhsl", okhsl::to_srgb(okhsl::from_srgb(start, 3), 0.05, 3)),
                ("okhsv", okhsv::to_srgb(okhsv::from_srgb(start, 3), 0.05, 3)),
            ];
            for (space, back) in there_and_back {
                let far = back.iter().zip(start).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(far < 0.01, "{space} {color:?} {back:?}");
            }
        }
    }

    #[test]
    fn bytes_are_cut_off_and_wrap() {
        assert_eq!([byte(0.999), byte(1.0), byte(1.01), byte(-0.01), byte(f32::NAN)], [254, 255, 1, 254, 0]);
    }
}
