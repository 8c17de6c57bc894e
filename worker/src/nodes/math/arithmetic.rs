//! Numbers as Python rounds and divides them, so that graphs give what they gave before.
use crate::invocation::InvocationError;

/// A result beyond 64 bits.
pub(super) fn too_large() -> InvocationError {
    InvocationError::BadInput("The result does not fit into 64 bits".into())
}

/// The quotient without its fraction, by way of a floating point number as upstream does it.
pub(super) fn divide(a: i64, b: i64) -> Result<i64, InvocationError> {
    if b == 0 {
        return Err(InvocationError::BadInput("division by zero".into()));
    }
    integer((a as f64 / b as f64).trunc())
}

/// `a` to the power of `b`; `None` beyond 64 bits.
pub(super) fn power(a: i64, b: i64) -> Option<i64> {
    match a {
        0 | 1 => Some(if b == 0 { 1 } else { a }),
        -1 => Some(if b % 2 == 0 { 1 } else { -1 }),
        _ => a.checked_pow(u32::try_from(b).ok()?),
    }
}

/// A whole number that may be too large.
pub(super) fn integer(whole: f64) -> Result<i64, InvocationError> {
    // 2^63 is the first that does not fit; the bound below it is itself a double.
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
        Ok(whole as i64)
    } else {
        Err(too_large())
    }
}

/// Rounds to decimal places, exactly and ties to even; before the point for a negative count.
pub(super) fn rounded(value: f64, decimals: i64) -> f64 {
    if !value.is_finite() || decimals > 330 {
        return value;
    }
    if let Ok(decimals) = usize::try_from(decimals) {
        // Formatting rounds the exact binary value, multiplying first would not.
        return format!("{value:.decimals$}").parse().unwrap_or(value);
    }
    match i32::try_from(-decimals) {
        Ok(places) if places <= 308 => {
            let scale = 10_f64.powi(places);
            (value / scale).round_ties_even() * scale
        }
        _ => 0.0 * value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_to_the_even_neighbour_of_the_exact_value() {
        for (value, decimals, expected) in [
            (2.5, 0, 2.0),
            (3.5, 0, 4.0),
            (-2.5, 0, -2.0),
            (2.675, 2, 2.67),
            (0.125, 2, 0.12),
            (1250.0, -2, 1200.0),
            (7.0, 400, 7.0),
        ] {
            assert_eq!(rounded(value, decimals), expected, "{value} to {decimals}");
        }
    }

    #[test]
    fn division_and_powers_know_their_limits() {
        assert_eq!(divide(-17, 5).unwrap(), -3);
        assert!(divide(1, 0).is_err());
        assert_eq!(power(-1, i64::MAX), Some(-1));
        assert_eq!(power(2, 62), Some(1 << 62));
        assert_eq!(power(2, 63), None);
    }
}
