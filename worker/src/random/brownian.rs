//! A Brownian path that is the same whichever times are asked for: torchsde's `BrownianInterval` with
//! `halfway_tree=True, tol=1e-6, pool_size=24`.
use ndarray::ArrayD;

use super::Generator;
use super::seed_sequence::seeds;

/// Words of mixed entropy.
const POOL: usize = 24;

/// A path over an interval of times, one value an element of a shape.
#[derive(Debug, Clone)]
pub struct BrownianPath {
    entropy: u64,
    shape: Vec<usize>,
    /// The whole interval, with its increment.
    top: Interval,
}

/// A node of the tree of halves: `key` is its place among the nodes of its depth.
#[derive(Debug, Clone)]
struct Interval {
    start: f64,
    end: f64,
    key: u64,
    depth: u64,
    increment: ArrayD<f32>,
}

impl BrownianPath {
    /// A path between two times, from a seed.
    pub fn new(start: f64, end: f64, seed: u64, shape: &[usize]) -> Self {
        let first = seeds(seed, &[], POOL, 1)[0];
        let increment = normal(shape, first) * (end - start).sqrt() as f32;
        let top = Interval { start: rounded(start), end: rounded(end), key: 0, depth: 0, increment };
        Self { entropy: seed, shape: shape.to_vec(), top }
    }

    /// The path's increment between two times; both are moved into the interval.
    pub fn increment(&self, from: f64, to: f64) -> ArrayD<f32> {
        let inside = |time: f64| rounded(time.clamp(self.top.start, self.top.end));
        let mut sum = ArrayD::zeros(self.shape.as_slice());
        let (from, to) = (inside(from), inside(to));
        if from < to {
            self.add(&self.top, from, to, &mut sum);
        }
        sum
    }

    fn add(&self, interval: &Interval, from: f64, to: f64, sum: &mut ArrayD<f32>) {
        if from == interval.start && to == interval.end {
            *sum += &interval.increment;
            return;
        }
        let (left, right) = self.halves(interval);
        let middle = left.end;
        // Times are multiples of a millionth: an interval that no longer halves is as fine as it gets.
        if middle <= interval.start || middle >= interval.end {
            *sum += &interval.increment;
        } else if to <= middle {
            self.add(&left, from, to, sum);
        } else if from >= middle {
            self.add(&right, from, to, sum);
        } else {
            self.add(&left, from, middle, sum);
            self.add(&right, middle, to, sum);
        }
    }

    /// Both halves: the middle of the path is normal around the line between its ends.
    fn halves(&self, parent: &Interval) -> (Interval, Interval) {
        let middle = rounded(0.5 * (parent.end + parent.start));
        let (before, after) = (middle - parent.start, parent.end - middle);
        let share = 1.0 / (parent.end - parent.start);
        let seed = seeds(self.entropy, &[parent.key, parent.depth], POOL, 1)[0];
        let spread = (before * after * share).max(0.0).sqrt() as f32;
        let left = parent.increment.mapv(|value| (before * f64::from(value) * share) as f32)
            + normal(&self.shape, seed) * spread;
        let right = &parent.increment - &left;
        let child = |start: f64, end: f64, side: u64, increment: ArrayD<f32>| Interval {
            start,
            end,
            key: 2 * parent.key + side,
            depth: parent.depth + 1,
            increment,
        };
        (child(parent.start, middle, 0, left), child(middle, parent.end, 1, right))
    }
}

fn normal(shape: &[usize], seed: u32) -> ArrayD<f32> {
    Generator::new(u64::from(seed)).normal(shape)
}

/// To six decimals, halves to even in decimal, as Python's `round` does it.
fn rounded(time: f64) -> f64 {
    format!("{time:.6}").parse().unwrap_or(time)
}
