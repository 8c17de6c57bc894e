//! NumPy's `RandomState` over MT19937 that a `SeedSequence` seeded, with its legacy normal numbers.
use super::mersenne_twister::MersenneTwister;
use super::seed_sequence;

/// What `numpy.random.RandomState(MT19937(SeedSequence(seed)))` is.
#[derive(Debug, Clone)]
pub struct RandomState {
    engine: MersenneTwister,
    cached_normal: Option<f64>,
}

impl RandomState {
    /// A generator as after its construction with a seed.
    pub fn new(seed: u64) -> Self {
        let state = seed_sequence::seeds(seed, &[], 4, MersenneTwister::WORDS);
        Self { engine: MersenneTwister::from_numpy(state), cached_normal: None }
    }

    /// A number of 0…1 with 53 random bits, as `random_sample()`.
    pub fn uniform(&mut self) -> f64 {
        let (high, low) = (self.engine.next() >> 5, self.engine.next() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// A standard normal number by Marsaglia's polar method, as `normal()`.
    pub fn normal(&mut self) -> f64 {
        if let Some(normal) = self.cached_normal.take() {
            return normal;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.cached_normal = Some(factor * x);
                return factor * y;
            }
        }
    }
}
