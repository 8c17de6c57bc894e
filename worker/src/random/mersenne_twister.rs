//! The MT19937 engine.

const STATE: usize = 624;
const SHIFT: usize = 397;

/// Matsumoto and Nishimura's twister with 32-bit output.
#[derive(Debug, Clone)]
pub(super) struct MersenneTwister {
    state: Vec<u32>,
    position: usize,
}

impl MersenneTwister {
    /// Words of the state.
    pub(super) const WORDS: usize = STATE;

    /// An engine of these words as NumPy sets it up: the first has only its highest bit, and the last is used first.
    pub(super) fn from_numpy(mut state: Vec<u32>) -> Self {
        state[0] = 0x8000_0000;
        Self { state, position: STATE - 1 }
    }

    pub(super) fn new(seed: u32) -> Self {
        let mut state = Vec::with_capacity(STATE);
        let mut word = seed;
        state.push(word);
        for index in 1..STATE as u32 {
            word = 1_812_433_253_u32.wrapping_mul(word ^ (word >> 30)).wrapping_add(index);
            state.push(word);
        }
        Self { state, position: STATE }
    }

    pub(super) fn next(&mut self) -> u32 {
        if self.position == STATE {
            self.refill();
        }
        let mut word = self.state[self.position];
        self.position += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9D2C_5680;
        word ^= (word << 15) & 0xEFC6_0000;
        word ^ (word >> 18)
    }

    fn refill(&mut self) {
        for index in 0..STATE {
            let joined = (self.state[index] & 0x8000_0000) | (self.state[(index + 1) % STATE] & 0x7FFF_FFFF);
            let twisted = (joined >> 1) ^ if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.state[index] = self.state[(index + SHIFT) % STATE] ^ twisted;
        }
        self.position = 0;
    }
}
