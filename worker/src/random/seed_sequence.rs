//! NumPy's `SeedSequence`: well-mixed seeds from an entropy and a key (O'Neill's `seed_seq_fe`).

/// Four 32-bit seeds of a child, as `SeedSequence(entropy, spawn_key=key, pool_size=pool).generate_state(count)`.
pub(super) fn seeds(entropy: u64, key: &[u64], pool: usize, count: usize) -> Vec<u32> {
    let mut words = split(entropy);
    if !key.is_empty() && words.len() < pool {
        words.resize(pool, 0);
    }
    words.extend(key.iter().flat_map(|part| split(*part)));
    let state = mixed(&words, pool);
    let mut hash = 0x8B51_F9DD_u32;
    (0..count)
        .map(|index| {
            let value = (state[index % pool] ^ hash).wrapping_mul(advance(&mut hash, 0x58F3_8DED));
            value ^ (value >> 16)
        })
        .collect()
}

/// A number's 32-bit words, lowest first.
fn split(number: u64) -> Vec<u32> {
    let high = (number >> 32) as u32;
    if high == 0 { vec![number as u32] } else { vec![number as u32, high] }
}

fn advance(hash: &mut u32, factor: u32) -> u32 {
    *hash = hash.wrapping_mul(factor);
    *hash
}

fn mixed(words: &[u32], size: usize) -> Vec<u32> {
    let mut hash = 0x43B0_D7E5_u32;
    let mut hashed = |word: u32| {
        let value = (word ^ hash).wrapping_mul(advance(&mut hash, 0x931E_8875));
        value ^ (value >> 16)
    };
    let mix = |left: u32, right: u32| {
        let value = left.wrapping_mul(0xCA01_F9DD).wrapping_sub(right.wrapping_mul(0x4973_F715));
        value ^ (value >> 16)
    };
    let mut pool: Vec<u32> = (0..size).map(|index| hashed(words.get(index).copied().unwrap_or(0))).collect();
    for source in 0..size {
        for target in 0..size {
            if source != target {
                pool[target] = mix(pool[target], hashed(pool[source]));
            }
        }
    }
    for word in words.iter().skip(size) {
        for slot in &mut pool {
            *slot = mix(*slot, hashed(*word));
        }
    }
    pool
}
