//! Group normalisation and SiLU on planes of float32, so written that the compiler vectorises them.

/// Lanes of the sums; their order is fixed, so results do not depend on the machine.
const LANES: usize = 16;
/// Values that are summed up in single precision.
const SPAN: usize = 4096;

/// The sum of `term` of all values: short spans in single precision, their sums in double.
fn sum(values: &[f32], term: impl Fn(f32) -> f32 + Copy) -> f64 {
    let mut total = 0.0;
    for span in values.chunks(SPAN) {
        let (lanes, rest) = span.as_chunks::<LANES>();
        let mut sums = [0.0_f32; LANES];
        for lane in lanes {
            for (sum, value) in sums.iter_mut().zip(lane) {
                *sum += term(*value);
            }
        }
        for (sum, value) in sums.iter_mut().zip(rest) {
            *sum += term(*value);
        }
        total += sums.iter().map(|sum| f64::from(*sum)).sum::<f64>();
    }
    total
}

/// Mean, and one over the standard deviation (the biased one, with `epsilon` added to the variance), of a group.
pub(crate) fn statistics(group: &[f32], epsilon: f32) -> (f32, f32) {
    let count = group.len().max(1) as f64;
    let mean = sum(group, |value| value) / count;
    let middle = mean as f32;
    let variance = sum(group, |value| (value - middle) * (value - middle)) / count;
    (middle, (1.0 / (variance + f64::from(epsilon)).sqrt()) as f32)
}

/// `exp`, to within two units of the last place; below −87 it is that of −87, above 88 that of 88.
/// Source: Cephes, `expf.c`: reduction by multiples of ln 2 and a polynomial of degree 6.
fn exponential(x: f32) -> f32 {
    /// Adding it rounds to a whole number, which then stands in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = (x - whole * 0.693_359_375) + whole * 2.121_944_4e-4;
    let mut p = 1.987_569_2e-4_f32;
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5e-1] {
        p = p * r + coefficient;
    }
    let mantissa = p * r * r + r + 1.0;
    // The bits of 2^whole.
    let power = f32::from_bits((shifted.to_bits().wrapping_add(127)) << 23);
    mantissa * power
}

/// `to = silu(scale · from + shift)`, where `silu(x) = x / (1 + exp(−x))`.
pub(crate) fn scaled_silu(from: &[f32], scale: f32, shift: f32, to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        let x = from * scale + shift;
        *to = x / (1.0 + exponential(-x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_exact_to_the_last_places() {
        for at in -8700..=8800 {
            let x = at as f32 * 0.01;
            let wanted = f64::from(x).exp();
            let error = (f64::from(exponential(x)) - wanted).abs() / wanted;
            assert!(error < 2.5e-7, "exp({x}) is off by {error}");
        }
        assert!(exponential(-1e9) < 1e-37 && exponential(1e9).is_finite());
    }

    #[test]
    fn statistics_are_those_of_the_definition_also_far_from_zero() {
        let group: Vec<f32> = (0..10_007).map(|at| 1000.0 + (at as f32 * 0.3).sin()).collect();
        let (mean, scale) = statistics(&group, 1e-5);
        let exact = group.iter().map(|value| f64::from(*value)).sum::<f64>() / group.len() as f64;
        let variance =
            group.iter().map(|value| (f64::from(*value) - exact).powi(2)).sum::<f64>() / group.len() as f64;
        assert!((f64::from(mean) - exact).abs() < 1e-4);
        assert!((f64::from(scale) * (variance + 1e-5).sqrt() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn silu_is_that_of_the_definition() {
        let from: Vec<f32> = (-400..400).map(|at| at as f32 * 0.25).collect();
        let mut to = vec![0.0; from.len()];
        scaled_silu(&from, 0.5, 0.25, &mut to);
        for (from, to) in from.iter().zip(to) {
            let x = f64::from(from * 0.5 + 0.25);
            let wanted = x / (1.0 + (-x).exp());
            assert!((f64::from(to) - wanted).abs() <= 1e-6 * wanted.abs().max(1e-3), "{x}: {to} {wanted}");
        }
    }
}
