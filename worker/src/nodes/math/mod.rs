//! Calculating with numbers.
//!
//! - nodes: [`add`], [`div`], [`float_math`], [`float_range`], [`float_to_int`], [`integer_math`], [`mul`],
//!   [`rand_float`], [`rand_int`], [`round_float`], [`sub`]
//! - what they share: [`arithmetic`]: numbers as upstream rounds and divides them
mod add;
mod arithmetic;
mod div;
mod float_math;
mod float_range;
mod float_to_int;
mod integer_math;
mod mul;
mod rand_float;
mod rand_int;
mod round_float;
mod sub;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![
        register::<add::Add>(),
        register::<sub::Subtract>(),
        register::<mul::Multiply>(),
        register::<div::Divide>(),
        register::<rand_int::RandomInt>(),
        register::<rand_float::RandomFloat>(),
        register::<float_to_int::FloatToInteger>(),
        register::<round_float::RoundFloat>(),
        register::<integer_math::IntegerMath>(),
        register::<float_math::FloatMath>(),
        register::<float_range::FloatLinearRange>(),
    ]
}
