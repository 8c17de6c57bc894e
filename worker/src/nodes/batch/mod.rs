//! Lists of numbers, and nodes that clients turn into batches.
//!
//! - nodes: [`float_batch`], [`float_generator`], [`image_batch`], [`image_generator`], [`integer_batch`],
//!   [`integer_generator`], [`random_range`], [`range`], [`range_of_size`], [`string_batch`], [`string_generator`]
//! - what they share: [`batch_group`]: which batches go in step, [`steps`]: integers at equal distances
mod batch_group;
mod float_batch;
mod float_generator;
mod image_batch;
mod image_generator;
mod integer_batch;
mod integer_generator;
mod random_range;
mod range;
mod range_of_size;
mod steps;
mod string_batch;
mod string_generator;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![
        register::<range::Range>(),
        register::<range_of_size::RangeOfSize>(),
        register::<random_range::RandomRange>(),
        register::<image_batch::ImageBatch>(),
        register::<string_batch::StringBatch>(),
        register::<integer_batch::IntegerBatch>(),
        register::<float_batch::FloatBatch>(),
        register::<image_generator::ImageGenerator>(),
        register::<string_generator::StringGenerator>(),
        register::<integer_generator::IntegerGenerator>(),
        register::<float_generator::FloatGenerator>(),
    ]
}
