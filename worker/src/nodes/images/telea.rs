//! Inpainting by fast marching (Telea 2004, "An Image Inpainting Technique Based on the Fast Marching Method"), with
//! the weights and the order of OpenCV's `INPAINT_TELEA`.
use std::cmp::Ordering;
use std::collections::BinaryHeap;

use image::{Rgb, RgbImage};
use ndarray::Array2;

/// Time of pixels that no front has reached.
const NEVER: f32 = 1.0e6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Has its colour.
    Known,
    /// On the front.
    Band,
    /// Still without one.
    Inside,
}

/// A pixel of the front. The earliest comes first, of equal ones the one that joined first.
#[derive(Debug, Clone, Copy)]
struct Front {
    time: f32,
    order: u64,
    place: (usize, usize),
}

impl PartialEq for Front {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Front {}

impl PartialOrd for Front {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Front {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap gives the greatest.
        other.time.total_cmp(&self.time).then(other.order.cmp(&self.order))
    }
}

/// A front that marches over a picture with one more pixel on every side.
struct March {
    state: Array2<State>,
    time: Array2<f32>,
    heap: BinaryHeap<Front>,
    order: u64,
}

const NEIGHBOURS: [(isize, isize); 4] = [(-1, 0), (0, -1), (1, 0), (0, 1)];

fn moved((row, column): (usize, usize), (down, right): (isize, isize)) -> Option<(usize, usize)> {
    Some((row.checked_add_signed(down)?, column.checked_add_signed(right)?))
}

impl March {
    fn new(state: Array2<State>, time: Array2<f32>) -> Self {
        let mut march = Self { state, time, heap: BinaryHeap::new(), order: 0 };
        let start: Vec<_> = march
            .state
            .indexed_iter()
            .filter(|(_, state)| **state == State::Band)
            .map(|(place, _)| place)
            .collect();
        start.into_iter().for_each(|place| march.push(place, 0.0));
        march
    }

    fn push(&mut self, place: (usize, usize), time: f32) {
        self.order += 1;
        self.heap.push(Front { time, order: self.order, place });
    }

    /// The time at which the front arrives from a neighbour above or below and one beside.
    fn arrival(&self, first: (usize, usize), second: (usize, usize)) -> f32 {
        let (one, other) = (f64::from(self.time[first]), f64::from(self.time[second]));
        let solution = match (self.state[first] != State::Inside, self.state[second] != State::Inside) {
            (true, true) if (one - other).abs() < 1.0 => {
                (one + other + (2.0 - (one - other) * (one - other)).sqrt()) * 0.5
            }
            (true, true) | (false, false) => 1.0 + one.min(other),
            (true, false) => 1.0 + one,
            (false, true) => 1.0 + other,
        };
        solution as f32
    }

    /// The earliest arrival at a pixel that is not on the border.
    fn earliest(&self, (row, column): (usize, usize)) -> f32 {
        let corner = |row, beside| self.arrival((row, column), beside);
        let (left, right) = ((row, column - 1), (row, column + 1));
        let times =
            [corner(row - 1, left), corner(row + 1, left), corner(row - 1, right), corner(row + 1, right)];
        times.into_iter().fold(f32::INFINITY, f32::min)
    }

    /// Marches to the end; `reached` is called for every pixel that the front reaches, with its time set.
    fn run(&mut self, mut reached: impl FnMut(&Self, (usize, usize))) -> Vec<(usize, usize)> {
        let (rows, columns) = self.state.dim();
        let mut passed = Vec::new();
        while let Some(Front { place, .. }) = self.heap.pop() {
            self.state[place] = State::Known;
            passed.push(place);
            for step in NEIGHBOURS {
                let Some(next) = moved(place, step) else { continue };
                let inner = next.0 > 0 && next.1 > 0 && next.0 + 1 < rows && next.1 + 1 < columns;
                if !inner || self.state[next] != State::Inside {
                    continue;
                }
                let time = self.earliest(next);
                self.time[next] = time;
                reached(self, next);
                self.state[next] = State::Band;
                self.push(next, time);
            }
        }
        passed
    }

    fn is_known(&self, place: (usize, usize)) -> bool {
        self.state[place] != State::Inside
    }

    /// How the time grows to the right and down.
    fn gradient(&self, (row, column): (usize, usize)) -> (f32, f32) {
        let along = |before: (usize, usize), after: (usize, usize)| {
            let own = self.time[(row, column)];
            match (self.is_known(before), self.is_known(after)) {
                (true, true) => (self.time[after] - self.time[before]) * 0.5,
                (false, true) => self.time[after] - own,
                (true, false) => own - self.time[before],
                (false, false) => 0.0,
            }
        };
        (along((row, column - 1), (row, column + 1)), along((row - 1, column), (row + 1, column)))
    }
}

/// Fills the pixels of which `missing` is true from those within `radius` pixels around them.
pub(crate) fn inpaint(picture: &RgbImage, missing: &Array2<bool>, radius: usize) -> RgbImage {
    let (rows, columns) = (picture.height() as usize + 2, picture.width() as usize + 2);
    let inner =
        |row: usize, column: usize| (1..rows - 1).contains(&row) && (1..columns - 1).contains(&column);
    let is_missing = |row: usize, column: usize| inner(row, column) && missing[[row - 1, column - 1]];
    let touches = |row: usize, column: usize| {
        NEIGHBOURS
            .iter()
            .any(|step| moved((row, column), *step).is_some_and(|(row, column)| is_missing(row, column)))
    };
    let state = Array2::from_shape_fn((rows, columns), |(row, column)| {
        if is_missing(row, column) {
            State::Inside
        } else if inner(row, column) && touches(row, column) {
            State::Band
        } else {
            State::Known
        }
    });
    let mut time = Array2::from_elem((rows, columns), NEVER);
    state.indexed_iter().filter(|(_, state)| **state == State::Band).for_each(|(place, _)| time[place] = 0.0);
    let time = outside(&state, time, missing, radius);
    let mut result = picture.clone();
    March::new(state, time).run(|march, place| fill(march, place, radius, &mut result));
    result
}

/// Times outside, counted backwards from the front, as far as the radius reaches.
fn outside(state: &Array2<State>, time: Array2<f32>, missing: &Array2<bool>, radius: usize) -> Array2<f32> {
    let (rows, columns) = state.dim();
    let mut near = Array2::from_elem((rows, columns), false);
    for ((row, column), _) in missing.indexed_iter().filter(|(_, missing)| **missing) {
        let reach = |center: usize, length: usize| {
            center.saturating_sub(radius).max(1)..(center + radius + 1).min(length - 1)
        };
        for row in reach(row + 1, rows) {
            for column in reach(column + 1, columns) {
                near[[row, column]] = true;
            }
        }
    }
    let around = Array2::from_shape_fn((rows, columns), |place| match state[place] {
        State::Band => State::Band,
        State::Known if near[place] => State::Inside,
        State::Known | State::Inside => State::Known,
    });
    let mut march = March::new(around, time);
    let passed = march.run(|_, _| ());
    for place in passed {
        march.time[place] = -march.time[place];
    }
    march.time
}

/// Colours a pixel of the front: a mean of what is known around it, by distance, level and direction.
fn fill(march: &March, (row, column): (usize, usize), radius: usize, picture: &mut RgbImage) {
    let (rows, columns) = march.state.dim();
    let (slope_right, slope_down) = march.gradient((row, column));
    let reach = radius as isize;
    let mut sums = [Sum::default(); 3];
    for down in -reach..=reach {
        for right in -reach..=reach {
            let Some((k, l)) = moved((row, column), (down, right)) else { continue };
            let inner = k > 0 && l > 0 && k + 1 < rows && l + 1 < columns;
            if !inner || down * down + right * right > reach * reach || !march.is_known((k, l)) {
                continue;
            }
            let (x, y) = (-right as f32, -down as f32);
            let square = x * x + y * y;
            let distance = (1.0 / (f64::from(square) * f64::from(square).sqrt())) as f32;
            let level =
                (1.0 / (1.0 + f64::from((march.time[(k, l)] - march.time[(row, column)]).abs()))) as f32;
            let direction = x * slope_right + y * slope_down;
            let direction = if direction.abs() <= 0.01 { 0.000_001 } else { direction };
            let weight = (distance * level * direction).abs();
            for (channel, sum) in sums.iter_mut().enumerate() {
                let (value, across, along) = surroundings(march, picture, (k, l), channel);
                sum.values += weight * value;
                sum.across -= weight * (across * x);
                sum.along -= weight * (along * y);
                sum.weights += weight;
            }
        }
    }
    let pixel = sums.map(|sum| {
        let slope = (sum.across * sum.across + sum.along * sum.along).sqrt() + 1.0e-20;
        let value = sum.values / (sum.weights + 1.0e-20) + (sum.across + sum.along) / slope + 0.5;
        value.round_ties_even().clamp(0.0, 255.0) as u8
    });
    picture.put_pixel(column as u32 - 1, row as u32 - 1, Rgb(pixel));
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    values: f32,
    across: f32,
    along: f32,
    weights: f32,
}

/// A channel of a known pixel, and how it grows to the right and down.
fn surroundings(
    march: &March,
    picture: &RgbImage,
    (k, l): (usize, usize),
    channel: usize,
) -> (f32, f32, f32) {
    let (rows, columns) = march.state.dim();
    // Places in the picture, kept off its edges so that their neighbours exist.
    let (above, below) = (k - 1 + usize::from(k == 1), k - 1 - usize::from(k == rows - 2));
    let (left, right) = (l - 1 + usize::from(l == 1), l - 1 - usize::from(l == columns - 2));
    let at = |row: usize, column: usize| {
        picture.get_pixel_checked(column as u32, row as u32).map_or(0.0, |pixel| f32::from(pixel.0[channel]))
    };
    let across = match (march.is_known((k, l - 1)), march.is_known((k, l + 1))) {
        (true, true) => (at(above, right + 1) - at(above, left.wrapping_sub(1))) * 2.0,
        (false, true) => at(above, right + 1) - at(above, left),
        (true, false) => at(above, right) - at(above, left.wrapping_sub(1)),
        (false, false) => 0.0,
    };
    let along = match (march.is_known((k - 1, l)), march.is_known((k + 1, l))) {
        (true, true) => (at(below + 1, left) - at(above.wrapping_sub(1), left)) * 2.0,
        (false, true) => at(below + 1, left) - at(above, left),
        (true, false) => at(below, left) - at(above.wrapping_sub(1), left),
        (false, false) => 0.0,
    };
    (at(above, left), across, along)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_in_one_colour_gets_that_colour() {
        let mut picture = RgbImage::from_pixel(12, 10, Rgb([40, 90, 200]));
        let mut missing = Array2::from_elem((10, 12), false);
        for (y, x) in (3..7).flat_map(|y| (4..9).map(move |x| (y, x))) {
            missing[[y, x]] = true;
            picture.put_pixel(x as u32, y as u32, Rgb([255, 0, 0]));
        }
        let filled = inpaint(&picture, &missing, 3);
        for pixel in filled.pixels() {
            let far = pixel.0.iter().zip([40, 90, 200]).map(|(a, b): (&u8, u8)| a.abs_diff(b)).max().unwrap();
            assert!(far <= 2, "{pixel:?}");
        }
    }
}
