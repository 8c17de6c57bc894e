//! NumPy's `default_rng`: PCG64 (O'Neill's PCG XSL-RR 128/64), and its bounded integers.
use super::seed_sequence;

const FACTOR: u128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645;

/// What `numpy.random.default_rng(seed)` is.
#[derive(Debug, Clone)]
pub struct Pcg64 {
    state: u128,
    increment: u128,
    /// The upper half of a number whose lower half was used.
    half: Option<u32>,
}

impl Pcg64 {
    /// A generator as after `default_rng(seed)`.
    pub fn new(seed: u64) -> Self {
        let words = seed_sequence::seeds(seed, &[], 4, 8);
        let long = |at: usize| u128::from(words[at]) | u128::from(words[at + 1]) << 32;
        let (start, stream) = (long(0) << 64 | long(2), long(4) << 64 | long(6));
        let mut generator = Self { state: 0, increment: stream << 1 | 1, half: None };
        generator.step();
        generator.state = generator.state.wrapping_add(start);
        generator.step();
        generator
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_mul(FACTOR).wrapping_add(self.increment);
    }

    fn next_64(&mut self) -> u64 {
        self.step();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    fn next_32(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let number = self.next_64();
        self.half = Some((number >> 32) as u32);
        number as u32
    }

    /// As `Generator.integers(low, high, count)`: at least `low`, below `high`, which is greater.
    pub fn integers(&mut self, low: i64, high: i64, count: usize) -> Vec<i64> {
        let span = high.wrapping_sub(1).wrapping_sub(low) as u64;
        (0..count).map(|_| low.wrapping_add(self.below_or_at(span) as i64)).collect()
    }

    /// Lemire's method, in 32 bits where that is enough.
    fn below_or_at(&mut self, span: u64) -> u64 {
        match span {
            0 => 0,
            0xFFFF_FFFF => u64::from(self.next_32()),
            1..0xFFFF_FFFF => {
                let count = span as u32 + 1;
                let threshold = count.wrapping_neg() % count;
                loop {
                    let product = u64::from(self.next_32()) * u64::from(count);
                    if product as u32 >= threshold {
                        return product >> 32;
                    }
                }
            }
            u64::MAX => self.next_64(),
            _ => {
                let count = span + 1;
                let threshold = count.wrapping_neg() % count;
                loop {
                    let product = u128::from(self.next_64()) * u128::from(count);
                    if product as u64 >= threshold {
                        return (product >> 64) as u64;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_those_of_numpy() {
        let integers = |seed, low, high, count| Pcg64::new(seed).integers(low, high, count);
        assert_eq!(
            integers(42, 0, 2_147_483_647, 5),
            [191_664_963, 1_662_057_957, 1_405_681_631, 942_484_272, 929_893_137]
        );
        assert_eq!(integers(0, -5, 5, 6), [3, 1, 0, -3, -2, -5]);
        assert_eq!(integers(7, 0, 1_000_000_000_000, 3), [625_095_466_604, 897_213_800_969, 775_685_690_245]);
        assert_eq!(integers(4_294_967_295, 0, 1 << 32, 3), [819_527_071, 1_082_089_385, 3_110_619_138]);
    }
}
