//! The three transforms of Winograd's minimal filtering for 3×3 convolutions of stride 1, on planes of float32.
//!
//! Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015: F(2×2, 3×3) and F(4×4, 3×3).
//! Positions of a transformed tile are numbered row by row; tiles of a plane likewise.
use std::array::from_fn;

/// How many outputs a tile has in each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tile {
    /// F(2×2, 3×3): 2.25 times fewer multiplications, weights 1.8 times as large.
    Two,
    /// F(4×4, 3×3): 4 times fewer multiplications, weights 4 times as large; rounds more.
    Four,
}

impl Tile {
    /// Outputs in each direction.
    pub(crate) const fn outputs(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// Positions of a transformed tile.
    pub(crate) const fn positions(self) -> usize {
        match self {
            Self::Two => 16,
            Self::Four => 36,
        }
    }

    /// By the outputs in each direction.
    pub(crate) const fn of(outputs: i64) -> Option<Self> {
        match outputs {
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            _ => None,
        }
    }

    /// Tiles of a plane: rows and columns.
    pub(crate) const fn grid(self, (height, width): (usize, usize)) -> (usize, usize) {
        (height.div_ceil(self.outputs()), width.div_ceil(self.outputs()))
    }
}

/// Weights `[out, in, 3, 3]` to `[positions, out, in]`, computed in double precision.
pub(crate) fn filters(tile: Tile, weights: &[f32]) -> Vec<f32> {
    const TWO: [[f64; 3]; 4] = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]];
    const FOUR: [[f64; 3]; 6] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    match tile {
        Tile::Two => filters_by(&TWO, weights),
        Tile::Four => filters_by(&FOUR, weights),
    }
}

fn filters_by<const N: usize>(matrix: &[[f64; 3]; N], weights: &[f32]) -> Vec<f32> {
    let (filters, _) = weights.as_chunks::<9>();
    let mut transformed = vec![0.0; N * N * filters.len()];
    for (at, filter) in filters.iter().enumerate() {
        let rows: [[f64; 3]; N] = from_fn(|row| {
            from_fn(|column| (0..3).map(|k| matrix[row][k] * f64::from(filter[k * 3 + column])).sum())
        });
        for (row, values) in rows.iter().enumerate() {
            for (column, factors) in matrix.iter().enumerate() {
                let value: f64 = (0..3).map(|k| values[k] * factors[k]).sum();
                transformed[(row * N + column) * filters.len() + at] = value as f32;
            }
        }
    }
    transformed
}

fn input_of_two(d: [f32; 4]) -> [f32; 4] {
    [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]
}

fn input_of_four(d: [f32; 6]) -> [f32; 6] {
    let (a, b) = (d[4] - 4.0 * d[2], d[3] - 4.0 * d[1]);
    let (c, e) = (d[4] - d[2], 2.0 * (d[3] - d[1]));
    [4.0 * d[0] - 5.0 * d[2] + d[4], a + b, a - b, c + e, c - e, 4.0 * d[1] - 5.0 * d[3] + d[5]]
}

fn output_of_two(m: [f32; 4]) -> [f32; 2] {
    [m[0] + m[1] + m[2], m[1] - m[2] - m[3]]
}

fn output_of_four(m: [f32; 6]) -> [f32; 4] {
    let (a, b) = (m[1] + m[2], m[1] - m[2]);
    let (c, d) = (m[3] + m[4], m[3] - m[4]);
    [m[0] + a + c, b + 2.0 * d, a + 4.0 * c, b + 8.0 * d + m[5]]
}

/// What a transform needs besides its input and output; kept from plane to plane.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    plane: Vec<f32>,
    rows: Vec<f32>,
}

/// Transforms a plane that `fill` writes: it is called with each row's number and its places.
///
/// The values of position `p` go to `positions[p]` from `at` on, one a tile.
pub(crate) fn input(
    tile: Tile,
    size: (usize, usize),
    fill: impl FnMut(usize, &mut [f32]),
    scratch: &mut Scratch,
    positions: &mut [&mut [f32]],
    at: usize,
) {
    match tile {
        Tile::Two => input_by::<4, 2>(input_of_two, size, fill, scratch, positions, at),
        Tile::Four => input_by::<6, 4>(input_of_four, size, fill, scratch, positions, at),
    }
}

fn input_by<const N: usize, const M: usize>(
    transform: impl Fn([f32; N]) -> [f32; N] + Copy,
    (height, width): (usize, usize),
    mut fill: impl FnMut(usize, &mut [f32]),
    scratch: &mut Scratch,
    positions: &mut [&mut [f32]],
    at: usize,
) {
    let (down, across) = (height.div_ceil(M), width.div_ceil(M));
    // One pixel of zeros around, and as many as fill the last tiles.
    let padded = across * M + 2;
    scratch.plane.clear();
    scratch.plane.resize((down * M + 2) * padded, 0.0);
    for (row, places) in scratch.plane.chunks_exact_mut(padded).skip(1).take(height).enumerate() {
        fill(row, &mut places[1..=width]);
    }
    scratch.rows.resize(N * padded, 0.0);
    for tiles in 0..down {
        let rows: [&[f32]; N] = from_fn(|row| &scratch.plane[(tiles * M + row) * padded..][..padded]);
        let mut mixed = scratch.rows.chunks_exact_mut(padded);
        let mixed: [&mut [f32]; N] = from_fn(|_| mixed.next().unwrap_or_default());
        for x in 0..padded {
            let column = transform(from_fn(|row| rows[row][x]));
            for row in 0..N {
                mixed[row][x] = column[row];
            }
        }
        for (row, mixed) in mixed.iter().enumerate() {
            let mut slots = positions[row * N..][..N].iter_mut();
            let slots: [&mut [f32]; N] = from_fn(|_| {
                slots.next().map_or(&mut [][..], |slot| &mut slot[at + tiles * across..][..across])
            });
            for x in 0..across {
                let values = transform(from_fn(|column| mixed[x * M + column]));
                for column in 0..N {
                    slots[column][x] = values[column];
                }
            }
        }
    }
}

/// Transforms back: `position(p)` gives the values of position `p`, one a tile; `keep` is called with each row's number
/// and its values.
pub(crate) fn output<'a>(
    tile: Tile,
    size: (usize, usize),
    position: impl Fn(usize) -> &'a [f32],
    scratch: &mut Scratch,
    keep: impl FnMut(usize, &[f32]),
) {
    match tile {
        Tile::Two => output_by::<4, 2>(output_of_two, size, position, scratch, keep),
        Tile::Four => output_by::<6, 4>(output_of_four, size, position, scratch, keep),
    }
}

fn output_by<'a, const N: usize, const M: usize>(
    transform: impl Fn([f32; N]) -> [f32; M] + Copy,
    (height, width): (usize, usize),
    position: impl Fn(usize) -> &'a [f32],
    scratch: &mut Scratch,
    mut keep: impl FnMut(usize, &[f32]),
) {
    let (down, across) = (height.div_ceil(M), width.div_ceil(M));
    let padded = across * M;
    scratch.rows.resize(N * padded, 0.0);
    scratch.plane.resize(M * padded, 0.0);
    for tiles in 0..down {
        for (row, mixed) in scratch.rows.chunks_exact_mut(padded).take(N).enumerate() {
            let columns: [&[f32]; N] =
                from_fn(|column| &position(row * N + column)[tiles * across..][..across]);
            for (x, places) in mixed.as_chunks_mut::<M>().0.iter_mut().enumerate() {
                *places = transform(from_fn(|column| columns[column][x]));
            }
        }
        let rows: [&[f32]; N] = from_fn(|row| &scratch.rows[row * padded..][..padded]);
        let mut places = scratch.plane.chunks_exact_mut(padded);
        let places: [&mut [f32]; M] = from_fn(|_| places.next().unwrap_or_default());
        for x in 0..padded {
            let column = transform(from_fn(|row| rows[row][x]));
            for row in 0..M {
                places[row][x] = column[row];
            }
        }
        for (row, places) in places.iter().enumerate().take(height - tiles * M) {
            keep(tiles * M + row, &places[..width]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A convolution as its definition says, in double precision.
    fn direct(plane: &[f32], (height, width): (usize, usize), filter: &[f32]) -> Vec<f32> {
        let pixel = |y: usize, x: usize| {
            let inside = (1..=height).contains(&y) && (1..=width).contains(&x);
            if inside { f64::from(plane[(y - 1) * width + x - 1]) } else { 0.0 }
        };
        let mut result = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let terms = (0..9).map(|k| pixel(y + k / 3, x + k % 3) * f64::from(filter[k]));
                result.push(terms.sum::<f64>() as f32);
            }
        }
        result
    }

    #[test]
    fn a_convolution_in_tiles_is_a_convolution_at_any_size() {
        let filter: Vec<f32> = (0..9).map(|k| (k as f32 * 1.3).sin()).collect();
        for tile in [Tile::Two, Tile::Four] {
            for size in [(1, 1), (3, 5), (8, 8), (9, 6), (2, 13)] {
                let plane: Vec<f32> = (0..size.0 * size.1).map(|at| (at as f32 * 0.7).cos()).collect();
                let (down, across) = tile.grid(size);
                let mut scratch = Scratch::default();
                let mut values = vec![0.0; tile.positions() * down * across];
                let mut positions: Vec<&mut [f32]> = values.chunks_mut(down * across).collect();
                let fill = |row: usize, places: &mut [f32]| {
                    places.copy_from_slice(&plane[row * size.1..][..size.1]);
                };
                input(tile, size, fill, &mut scratch, &mut positions, 0);
                let factors = filters(tile, &filter);
                for (values, factor) in values.chunks_mut(down * across).zip(&factors) {
                    values.iter_mut().for_each(|value| *value *= factor);
                }
                let mut result = vec![0.0; plane.len()];
                let position = |at: usize| &values[at * down * across..][..down * across];
                output(tile, size, position, &mut scratch, |row, places| {
                    result[row * size.1..][..size.1].copy_from_slice(places);
                });
                let wanted = direct(&plane, size, &filter);
                let worst = result.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(worst < 2e-5, "{tile:?} at {size:?} is off by {worst}");
            }
        }
    }
}
