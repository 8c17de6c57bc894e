//! `random_range`: random integers from a seed.
use schemars::JsonSchema;
use serde::Deserialize;

use super::steps;
use crate::invocation::outputs::IntegerCollectionOutput;
use crate::invocation::{Invocation, InvocationContext, InvocationError};
use crate::random::Pcg64;

/// Random integers, the same for the same seed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct RandomRange {
    /// The least value.
    low: i64,
    /// The value above the greatest.
    high: i64,
    /// How many.
    size: i64,
    /// The seed.
    #[schemars(range(min = 0, max = 4_294_967_295_u64))]
    seed: i64,
}

impl Default for RandomRange {
    fn default() -> Self {
        Self { low: 0, high: 2_147_483_647, size: 1, seed: 0 }
    }
}

impl Invocation for RandomRange {
    const TYPE: &'static str = "random_range";
    const SCHEMA_NAME: &'static str = "RandomRangeInvocation";
    const TITLE: &'static str = "Random Range";
    const CATEGORY: &'static str = "batch";
    const VERSION: &'static str = "1.0.1";
    const USE_CACHE: bool = false;
    type Output = IntegerCollectionOutput;

    fn invoke(self, _context: &InvocationContext) -> Result<IntegerCollectionOutput, InvocationError> {
        let (Ok(size), Ok(seed)) = (usize::try_from(self.size), u64::try_from(self.seed)) else {
            return Err(InvocationError::BadInput("negative dimensions are not allowed".into()));
        };
        if self.low >= self.high {
            return Err(InvocationError::BadInput("low >= high".into()));
        }
        steps::check_count(size)?;
        let mut generator = Pcg64::new(seed);
        Ok(IntegerCollectionOutput { collection: generator.integers(self.low, self.high, size) })
    }
}
