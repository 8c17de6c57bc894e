//! Integers at equal distances.
use crate::invocation::InvocationError;

/// Longer lists would only fill the memory.
const MOST: usize = 10_000_000;

/// The integers from `start` to before `stop`; downwards for a negative step.
pub(super) fn until(start: i64, stop: i64, step: i64) -> Result<Vec<i64>, InvocationError> {
    let (distance, stride) = match step {
        0 => return Err(InvocationError::BadInput("range() arg 3 must not be zero".into())),
        1.. => (i128::from(stop) - i128::from(start), i128::from(step)),
        _ => (i128::from(start) - i128::from(stop), -i128::from(step)),
    };
    let count = usize::try_from((distance + stride - 1) / stride).unwrap_or(0);
    check_count(count)?;
    Ok((0..count).map(|index| start + step * index as i64).collect())
}

/// Refuses lists that would only fill the memory.
pub(super) fn check_count(count: usize) -> Result<(), InvocationError> {
    if count <= MOST {
        return Ok(());
    }
    Err(InvocationError::BadInput(format!("A list of {count} numbers is too long, {MOST} are the most")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_before_the_end() {
        assert_eq!(until(5, 50, 7).unwrap(), [5, 12, 19, 26, 33, 40, 47]);
        assert_eq!(until(5, -2, -3).unwrap(), [5, 2, -1]);
        assert_eq!(until(5, 10, -1).unwrap(), [0_i64; 0]);
        assert!(until(0, 1, 0).is_err() && until(0, i64::MAX, 1).is_err());
    }
}
